import Foundation

/// What the threads of `parallelStream` and their caller share.
///
/// `@unchecked Sendable`: the condition's lock is held wherever a variable is touched. An item and a worker are given to one thread
/// at a time.
final class WorkQueue<Item, Worker, Output: Sendable, Failure: Error>: @unchecked Sendable {
  private let items: [Item]
  private let workers: [Worker]
  private let lead: Int
  private let work: @Sendable (Worker, Item) throws(Failure) -> Output
  private let condition = NSCondition()
  private var begun = 0
  private var received = 0
  private var running = 0
  private var isStopped = false
  private var results: [Int: Result<Output, Failure>] = [:]

  init(
    _ items: [Item], _ workers: [Worker], lead: Int,
    _ work: @escaping @Sendable (Worker, Item) throws(Failure) -> Output
  ) {
    (self.items, self.workers, self.lead, self.work) = (items, workers, lead, work)
  }

  /// Starts a thread for each worker, and no more than there are items.
  func start() {
    running = min(workers.count, items.count)
    for worker in 0..<running {
      let thread = Thread {
        // The thread blocks signals from its first moment on, whatever it computes.
        ThreadTeam.single.run { self.run(worker) }
        self.end()
      }
      thread.stackSize = ThreadTeam.stackByteCount
      thread.start()
    }
  }

  private func run(_ worker: Int) {
    while let index = next() {
      let result = Result { () throws(Failure) in try work(workers[worker], items[index]) }
      condition.lock()
      results[index] = result
      // What comes before was begun, and is all that will be received.
      if case .failure = result { isStopped = true }
      condition.broadcast()
      condition.unlock()
    }
  }

  /// The next item, once it is not too far ahead; nil when there is none.
  private func next() -> Int? {
    condition.lock()
    defer { condition.unlock() }
    while begun - received >= lead, !isStopped { condition.wait() }
    guard !isStopped, begun < items.count else { return nil }
    defer { begun += 1 }
    return begun
  }

  private func end() {
    condition.lock()
    defer { condition.unlock() }
    running -= 1
    condition.broadcast()
  }

  /// Waits for an item's result.
  func result(_ index: Int, _ check: () throws(Failure) -> Void) throws(Failure) -> Output {
    condition.lock()
    defer { condition.unlock() }
    while true {
      try check()
      if let result = results.removeValue(forKey: index) {
        received = index + 1
        condition.broadcast()
        return try result.get()
      }
      _ = condition.wait(until: Date(timeIntervalSinceNow: 0.1))
    }
  }

  /// Begins no more items, and waits for those that were begun.
  func stop() {
    condition.lock()
    defer { condition.unlock() }
    isStopped = true
    while running > 0 { condition.wait() }
  }
}
