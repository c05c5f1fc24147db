import Foundation
import Narration
import Reports
import Synchronization
import Testing
import narrate

private struct Broken: Error {}

@Suite struct InputPipelineTests {
  /// Takes longer for some than for those after them.
  private func slowly(_ item: Int) -> Int {
    Thread.sleep(forTimeInterval: item % 5 == 0 ? 0.02 : 0.001)
    return item * item
  }

  @Test(arguments: [1, 2, 5]) func resultsComeInOrder(workers: Int) throws {
    var received: [Int] = []
    try InputPipeline(Array(repeating: slowly, count: workers)).run(Array(0..<40)) { item, output in
      #expect(output == item * item)
      received.append(item)
    }
    #expect(received == Array(0..<40))
  }

  @Test func nothingToDoIsDoneAtOnce() throws {
    try InputPipeline([slowly, slowly]).run([]) { _, _ in Issue.record("received something") }
  }

  @Test(arguments: [1, 3]) func anErrorWaitsForItsTurn(workers: Int) {
    var received: [Int] = []
    let work = { (item: Int) -> Int in
      if item == 12 { throw Broken() }
      return slowly(item)
    }
    #expect(throws: Broken.self) {
      try InputPipeline(Array(repeating: work, count: workers)).run(Array(0..<40)) { item, _ in
        received.append(item)
      }
    }
    #expect(received == Array(0..<12))
  }

  @Test(arguments: [1, 3]) func theReceiverAndTheCheckCanStopIt(workers: Int) {
    let begun = Atomic(0)
    let work = { (item: Int) -> Int in
      begun.add(1, ordering: .relaxed)
      return slowly(item)
    }
    let pipeline = InputPipeline(Array(repeating: work, count: workers))
    #expect(throws: Broken.self) {
      try pipeline.run(Array(0..<1000)) { item, _ in if item == 3 { throw Broken() } }
    }
    // Nobody runs any more, and nobody ran far ahead.
    let count = begun.load(ordering: .relaxed)
    #expect(count <= 4 + 5 * workers)
    Thread.sleep(forTimeInterval: 0.05)
    #expect(begun.load(ordering: .relaxed) == count)

    var checks = 0
    #expect(throws: Broken.self) {
      try pipeline.run(
        Array(0..<1000), { _, _ in },
        check: {
          checks += 1
          if checks == 5 { throw Broken() }
        })
    }
  }
}
