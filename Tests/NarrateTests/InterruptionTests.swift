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
    let end = ContinuousClock.now + .seconds(300)
    var free = 0
    while ContinuousClock.now < end {
      let threads = try blocked(execution.processIdentifier.value).map { $0 & mask }
      free = threads.count { $0 == 0 }
      if threads.count > 1, threads.allSatisfy({ $0 == 0 || $0 == mask }), free == 1 { break }
      try await Task.sleep(for: .milliseconds(10))
    }
    #expect(free == 1)
    // Twice at once, as where a whole group of processes is told to end: once.
    try execution.send(signal: .terminate)
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

/// What was printed of a run that was interrupted is JSON.
@Test func labelsThatAreInterruptedAreWhole() async throws {
  let folder = try TemporaryFolder()
  var video = RawVideo(width: 64, height: 48, rate: 25)
  for frame in 0..<1500 { video.append { row, column in UInt8(60 + (column + row + frame) % 12 * 10) } }
  try folder.write(video.bytes, "long.y4m")
  try folder.write("no video", "bad.txt")
  func file(_ name: String) throws -> FileDescriptor {
    try .open(folder.path(name), .writeOnly, options: .create, permissions: .ownerReadWrite)
  }
  // More than it can do before anybody finds the time to interrupt it.
  let videos = ["bad.txt"] + Array(repeating: "long.y4m", count: 200)
  let arguments =
    ["label", "--format", "json", "--model", SummarizeProgram.models + "/action-kinetics400"] + videos
  let result = try await Subprocess.run(
    .path(Program.path), arguments: Arguments(arguments),
    workingDirectory: FilePath(folder.url.path), input: .none,
    output: .fileDescriptor(try file("out.json"), closeAfterSpawningProcess: true),
    error: .fileDescriptor(try file("errors"), closeAfterSpawningProcess: true)
  ) { execution in
    let end = ContinuousClock.now + .seconds(300)
    // The first video has failed, and the second one's work begins.
    while ContinuousClock.now < end, try Data(contentsOf: folder.url.appendingPathComponent("errors")).isEmpty
    {
      try await Task.sleep(for: .milliseconds(5))
    }
    try execution.send(signal: .terminate)
  }
  #expect(result.terminationStatus == .exited(128 + SIGTERM))
  let printed = try Data(contentsOf: folder.url.appendingPathComponent("out.json"))
  let entries = try #require(try JSONSerialization.jsonObject(with: printed) as? [[String: Any]])
  #expect(entries.first?["path"] as? String == "bad.txt" && entries.count < videos.count)
}
