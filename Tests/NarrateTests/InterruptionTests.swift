import Foundation
import Narration
import Reports
import TestSupport
import Testing

/// A handler's frame on a thread that computes would be written over the heap while oneDNN has the stack pointer there.
@Test func oneThreadHandlesSignalsAndTheProgramEnds() throws {
  let process = Process()
  process.executableURL = try program()
  process.arguments = ["caption", "-", "--model", SummarizeProgram.models + "/caption-everyday"]
  let input = Pipe()
  process.standardInput = input
  (process.standardOutput, process.standardError) = (FileHandle.nullDevice, FileHandle.nullDevice)
  try process.run()
  let mask: UInt64 = [SIGINT, SIGTERM, SIGHUP].reduce(0) { $0 | 1 << UInt64($1 - 1) }
  // The model loads, and then the program waits for a picture.
  let end = Date(timeIntervalSinceNow: 60)
  var free = 0
  while Date() < end {
    let threads = try blocked(process.processIdentifier).map { $0 & mask }
    free = threads.count { $0 == 0 }
    if threads.count > 1, threads.allSatisfy({ $0 == 0 || $0 == mask }), free == 1 { break }
    usleep(10_000)
  }
  #expect(free == 1)
  process.terminate()
  process.waitUntilExit()
  #expect(process.terminationReason == .exit && process.terminationStatus == 128 + SIGTERM)
  withExtendedLifetime(input) {}
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
