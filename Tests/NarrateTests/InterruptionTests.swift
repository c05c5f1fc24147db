import Foundation
import Narration
import Reports
import Subprocess
import SystemPackage
import TestSupport
import Testing

/// A handler's frame on a thread that computes would be written over the heap while oneDNN has the stack pointer there.
@Test func oneThreadHandlesSignalsAndTheProgramEnds() async throws {
  let input = try FileDescriptor.pipe(options: .closeOnExec)
  let result = try await Subprocess.run(
    .path(Program.path),
    arguments: ["caption", "-", "--model", SummarizeProgram.models + "/caption-everyday"],
    input: .fileDescriptor(input.readEnd, closeAfterSpawningProcess: true), output: .discarded,
    error: .discarded
  ) { execution in
    let mask: UInt64 = [SIGINT, SIGTERM, SIGHUP].reduce(0) { $0 | 1 << UInt64($1 - 1) }
    // The model loads, and then the program waits for a picture.
    let end = ContinuousClock.now + .seconds(60)
    var free = 0
    while ContinuousClock.now < end {
      let threads = try blocked(execution.processIdentifier.value).map { $0 & mask }
      free = threads.count { $0 == 0 }
      if threads.count > 1, threads.allSatisfy({ $0 == 0 || $0 == mask }), free == 1 { break }
      try await Task.sleep(for: .milliseconds(10))
    }
    #expect(free == 1)
    try execution.send(signal: .terminate)
  }
  #expect(result.terminationStatus == .exited(128 + SIGTERM))
  // Until here nobody ended what the program waited for.
  try input.writeEnd.close()
}

/// The signals that each thread of a process blocks, `SigBlk` of `proc(5)`.
private func blocked(_ process: Int32) throws -> [UInt64] {
  let folder = "/proc/\(process)/task"
  return try FileManager.default.contentsOfDirectory(atPath: folder).compactMap { thread in
    let status = try? String(contentsOfFile: "\(folder)/\(thread)/status", encoding: .utf8)
    let line = status?.split(separator: "\n").first { $0.hasPrefix("SigBlk:") }
    return line.flatMap {
      UInt64($0.dropFirst("SigBlk:".count).trimmingCharacters(in: .whitespaces), radix: 16)
    }
  }
}
