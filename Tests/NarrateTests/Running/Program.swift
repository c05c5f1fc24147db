import DequeModule
import Foundation
import Subprocess
import SystemPackage
import TestSupport
import Testing

/// The built program, which stands beside the test bundle.
enum Program {
  static var path: FilePath {
    get throws {
      let tests = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
      return FilePath(tests).removingLastComponent().appending("narrate")
    }
  }

  /// What it says of `assets/dog.jpg`. The encoder's bytes are rounded otherwise by oneDNN 3 than by 2, and of two sentences that are
  /// nearly as good the other is the better then.
  static var dog: String { get async throws { try await known.value } }

  private static let known = Task {
    let picture = URL(fileURLWithPath: SummarizeProgram.models).deletingLastPathComponent()
      .appendingPathComponent("assets/dog.jpg").path
    let result = try await run(
      ["caption", picture], in: TemporaryFolder(), environment: ["NARRATE_MODELS": SummarizeProgram.models])
    let sentence = result.output.trimmingCharacters(in: .newlines)
    #expect(
      ["a brown dog is standing in the grass", "a brown dog is running through the grass"].contains(sentence))
    return sentence
  }

  /// What it said, and its exit status.
  typealias Outcome = (status: Int32, output: String, errors: String)

  /// Ended by a signal, which it never should be.
  struct Crash: Error {
    let status: TerminationStatus
  }

  /// A test that waits holds no thread, so that all would start their programs at once; the machine has only so much memory.
  private static let turns = Turns(max(2, ProcessInfo.processInfo.activeProcessorCount))

  /// Runs it to its end.
  /// - Parameters:
  ///   - environment: all that it has
  ///   - program: another one than the built one, which runs it
  static func run(
    _ arguments: Arguments, in folder: TemporaryFolder, environment: [String: String],
    input: some InputProtocol = .none, program: FilePath? = nil
  ) async throws -> Outcome {
    let variables = environment.map { (Environment.Key(stringLiteral: $0), $1) }
    return try await turns.take {
      let result = try await Subprocess.run(
        .path(program ?? path), arguments: arguments,
        environment: .custom(Dictionary(uniqueKeysWithValues: variables)),
        workingDirectory: FilePath(folder.path), input: input, output: .string(limit: 1 << 20),
        error: .string(limit: 1 << 20))
      guard case .exited(let status) = result.terminationStatus else {
        throw Crash(status: result.terminationStatus)
      }
      return (status, result.standardOutput, result.standardError)
    }
  }
}

/// Runs the built program.
func narrate(
  _ arguments: [String], in folder: TemporaryFolder, environment: [String: String] = [:]
) async throws -> Program.Outcome {
  try await Program.run(Arguments(arguments), in: folder, environment: environment)
}

/// Runs a line of a shell, in which `$narrate` is the built program, with the models of this repository.
/// - Parameter input: standard input
func shell(
  _ script: String, in folder: TemporaryFolder, environment: [String: String] = [:],
  input: some InputProtocol = .none
) async throws -> Program.Outcome {
  let variables = [
    "narrate": try Program.path.string, "NARRATE_MODELS": SummarizeProgram.models, "PATH": "/usr/bin:/bin",
  ].merging(environment) { $1 }
  return try await Program.run(
    ["-c", script], in: folder, environment: variables, input: input, program: "/bin/sh")
}

/// Lets so many work at the same time, the others after them in their order.
private actor Turns {
  private var free: Int
  private var waiting: Deque<CheckedContinuation<Void, Never>> = []

  init(_ count: Int) { free = count }

  nonisolated func take<Value: Sendable>(_ work: () async throws -> Value) async throws -> Value {
    await begin()
    do {
      let value = try await work()
      await end()
      return value
    } catch {
      await end()
      throw error
    }
  }

  private func begin() async {
    if free > 0 { free -= 1 } else { await withCheckedContinuation { waiting.append($0) } }
  }

  private func end() {
    if let next = waiting.popFirst() { next.resume() } else { free += 1 }
  }
}
