import Files
import Foundation
import Narration
import Server
import Synchronization
import Testing

@Suite struct VideoTests {
  @Test func anArchiveHoldsItsFiles() {
    #expect(Archive.crc(Array("123456789".utf8)) == 0xcbf4_3926)
    let archive = Archive.zip([("a.txt", Array("abc".utf8)), ("b/c", [])])
    #expect(archive.starts(with: [0x50, 0x4b, 3, 4]))
    // The end: 2 entries, and where their directory is.
    let end = Array(archive.suffix(22))
    #expect(end.starts(with: [0x50, 0x4b, 5, 6]) && end[8] == 2 && end[10] == 2)
    let start = Int(end[16]) | Int(end[17]) << 8
    #expect(archive[start...].starts(with: [0x50, 0x4b, 1, 2]))
  }

  @Test func aLaneLetsOneWorkAtATime() async throws {
    let lane = Lane(capacity: 2)
    let (gate, opener) = AsyncStream.makeStream(of: Void.self)
    let (order, inside) = (Kept<[Int]>([]), Kept(0))
    try await withThrowingTaskGroup(of: Void.self) { group in
      for number in 0..<3 {
        group.addTask {
          try await lane.take(lane.reserve()) {
            #expect(
              inside.change {
                $0 += 1
                return $0
              } == 1)
            if number == 0 { for await _ in gate {} }
            order.change { $0.append(number) }
            inside.change { $0 -= 1 }
          }
        }
        // In their order.
        try await until { inside.value == 1 && lane.count == number }
      }
      let problem = #expect(throws: Problem.self) { try lane.reserve() }
      #expect(problem?.code == 503 && problem?.retryAfter != nil)
      opener.finish()
      try await group.waitForAll()
    }
    #expect(order.value == [0, 1, 2] && lane.count == 0)
  }

  @Test func whoIsCancelledWhileWaitingLeavesItsPlace() async throws {
    let lane = Lane(capacity: 1)
    let (gate, opener) = AsyncStream.makeStream(of: Void.self)
    let isInside = Kept(false)
    let first = Task {
      try await lane.take(lane.reserve()) {
        isInside.change { $0 = true }
        for await _ in gate {}
      }
    }
    try await until { isInside.value }
    let second = Task { try await lane.take(lane.reserve()) { Issue.record("it was cancelled") } }
    try await until { lane.count == 1 }
    second.cancel()
    await #expect(throws: CancellationError.self) { try await second.value }
    #expect(lane.count == 0)
    opener.finish()
    try await first.value
    #expect(try await lane.take(lane.reserve()) { 3 } == 3)
  }

  /// Waits for what other tasks do.
  private func until(_ isSo: () -> Bool) async throws {
    while !isSo() { try await Task.sleep(for: .milliseconds(2)) }
  }

  @Test func aJobTellsWhatItBecomes() async throws {
    let job = Job(.label)
    #expect(job.id.count == 32 && job.json["status"]?.string == "queued")
    job.start { job in
      job.change(.running(VideoProgress(seconds: 1, duration: 4)))
      try await Task.sleep(for: .milliseconds(100))
      return Job.Result(json: .object([("duration", .integer(4))]))
    }
    var events = ""
    for await state in job.states { events += job.event(state) }
    #expect(
      events.contains(
        "event: progress\ndata: {\"status\":\"running\",\"seconds\":1,\"duration\":4,\"fraction\":0.25}\n\n"))
    #expect(events.hasSuffix("\"result\":{\"duration\":4}}\n\n") && events.contains("event: done\n"))
    // Who comes later hears the end alone.
    var later: [String] = []
    for await state in job.states { later.append(state.name) }
    #expect(later == ["done"])
    // What is over stays so.
    job.change(.cancelled)
    #expect(job.json["status"]?.string == "done")
  }

  @Test func jobsEndAndAreForgotten() async throws {
    var limits = ServerSettings.Limits()
    (limits.results, limits.keeping) = (1000, 3600)
    let jobs = Jobs(limits)
    func add(_ bytes: Int) async -> Job {
      let job = Job(.summarize)
      jobs.add(job)
      job.start { _ in Job.Result(json: .object([]), files: [("a", [UInt8](repeating: 0, count: bytes))]) }
      for await _ in job.states {}
      return job
    }
    let (first, second, third) = (await add(600), await add(300), await add(600))
    // The oldest goes where there is too much.
    #expect(jobs[first.id] == nil && jobs[second.id] === second && jobs[third.id] === third)
    let large = await add(5000)
    #expect(jobs[large.id] === large && jobs[third.id] == nil)
    let slow = Job(.label)
    jobs.add(slow)
    slow.start { _ in
      try await Task.sleep(for: .seconds(100))
      return Job.Result(json: .null)
    }
    jobs.forget(slow)
    for await _ in slow.states {}
    #expect(slow.state.name == "cancelled" && jobs[slow.id] == nil)
    #expect(jobs["none"] == nil)
  }
}

/// A value that several tasks change.
private final class Kept<Value: Sendable>: Sendable {
  private let stored: Mutex<Value>

  init(_ value: Value) { stored = Mutex(value) }

  var value: Value { stored.withLock(\.self) }

  @discardableResult
  func change<Output: Sendable>(_ body: (inout Value) -> Output) -> Output {
    stored.withLock { value in
      var changed = value
      defer { value = changed }
      return body(&changed)
    }
  }
}
