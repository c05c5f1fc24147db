import Compute
import Foundation
import Reports

/// Work on many items, one worker a core, whose results come out in the items' order. Nobody waits for the slowest as long as
/// it is less than `lead` items behind; so many results are held at the most.
package struct InputPipeline<Item: Sendable, Output: Sendable> {
  /// Each worker's way of doing one item, called on a thread of its own.
  private let workers: [(Item) throws -> Output]
  private let lead: Int

  /// - Parameter workers: at least one; a single one runs on the calling thread.
  package init(_ workers: [(Item) throws -> Output]) {
    precondition(!workers.isEmpty)
    self.workers = workers
    lead = 4 * workers.count
  }

  /// - Parameters:
  ///   - receive: called on this thread with each item's output, in order.
  ///   - check: called now and then while there is nothing to hand on; may throw to stop.
  /// - Throws: what `check` or `receive` throws, and what a worker throws when its item's turn comes: the results before are
  ///   received. No worker runs any more by then.
  package func run(
    _ items: [Item], _ receive: (Item, Output) throws -> Void, check: () throws -> Void = {}
  ) throws {
    guard workers.count > 1 else {
      for item in items {
        try check()
        try receive(item, workers[0](item))
      }
      return
    }
    let pool = Pool(items: items, lead: lead)
    let group = DispatchGroup()
    for worker in workers {
      let task = Task(pool: pool, work: worker)
      group.enter()
      Thread.detachNewThread {
        // Here and where a worker's own team computes, signals are blocked.
        ThreadTeam.single.run { task.run() }
        group.leave()
      }
    }
    defer {
      pool.stop()
      group.wait()
    }
    for (index, item) in items.enumerated() {
      try receive(item, pool.result(index, check: check).get())
    }
  }

  /// `@unchecked Sendable`: only its own thread calls `work`.
  private struct Task: @unchecked Sendable {
    let pool: Pool
    let work: (Item) throws -> Output

    func run() {
      while let (index, item) = pool.next() {
        pool.deliver(Result { try work(item) }, index)
      }
    }
  }

  /// What the workers and the receiver share.
  ///
  /// `@unchecked Sendable`: the condition's lock is held wherever a variable is touched.
  private final class Pool: @unchecked Sendable {
    private let items: [Item]
    private let lead: Int
    private let condition = NSCondition()
    private var begun = 0
    private var received = 0
    private var isStopped = false
    private var results: [Int: Result<Output, any Error>] = [:]

    init(items: [Item], lead: Int) { (self.items, self.lead) = (items, lead) }

    /// The next item, once it is not too far ahead; nil when there is none.
    func next() -> (Int, Item)? {
      condition.lock()
      defer { condition.unlock() }
      while begun - received >= lead, !isStopped { condition.wait() }
      guard !isStopped, begun < items.count else { return nil }
      defer { begun += 1 }
      return (begun, items[begun])
    }

    func deliver(_ result: Result<Output, any Error>, _ index: Int) {
      condition.lock()
      defer { condition.unlock() }
      results[index] = result
      condition.broadcast()
    }

    /// Waits for an item's result.
    func result(_ index: Int, check: () throws -> Void) throws -> Result<Output, any Error> {
      condition.lock()
      defer { condition.unlock() }
      while true {
        try check()
        if let result = results.removeValue(forKey: index) {
          received = index + 1
          condition.broadcast()
          return result
        }
        _ = condition.wait(until: Date(timeIntervalSinceNow: 0.1))
      }
    }

    func stop() {
      condition.lock()
      defer { condition.unlock() }
      isStopped = true
      condition.broadcast()
    }
  }
}
