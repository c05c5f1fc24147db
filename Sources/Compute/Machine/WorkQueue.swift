import Foundation

/// What the threads of `parallelStream` and their caller share.
///
/// `@unchecked Sendable`: the condition's lock is held wherever a variable is touched. An item and a worker are given to one thread
/// at a time.
final class WorkQueue<Item, Worker, Output: Sendable, Failure: Error>: @unchecked Sendable {
  private let source: (_ isWanted: () -> Bool) throws(Failure) -> Item?
  private let workers: [Worker]
  private let lead: Int
  private let work: @Sendable (Worker, Item) throws(Failure) -> Output
  private let condition = NSCondition()
  private var begun = 0
  /// Whether a thread is getting an item, and whether there are no more.
  private var isPulling = false
  private var isAtEnd = false
  private var received = 0
  private var running = 0
  private var isStopped = false
  private var results: [Int: Result<(Item, Output), Failure>] = [:]

  /// - Parameter source: gives the next item, on any of the threads, on one at a time; nil where there is none. It may wait for one
  ///   as long as it is wanted.
  init(
    _ workers: [Worker], lead: Int, source: @escaping (_ isWanted: () -> Bool) throws(Failure) -> Item?,
    _ work: @escaping @Sendable (Worker, Item) throws(Failure) -> Output
  ) {
    (self.source, self.workers, self.lead, self.work) = (source, workers, lead, work)
  }

  /// Has so many workers work, and takes all results in order.
  func receive(
    _ count: Int, _ check: () throws(Failure) -> Void, _ body: (Item, Output) throws(Failure) -> Void
  ) throws(Failure) {
    start(count)
    defer { stop() }
    var index = 0
    while let (item, output) = try result(index, check) {
      try body(item, output)
      index += 1
    }
  }

  /// Starts a thread for each of the first workers.
  private func start(_ count: Int) {
    running = count
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
    while let (index, pulled) = next() {
      let result = Result { () throws(Failure) in
        let item = try pulled.get()
        return (item, try work(workers[worker], item))
      }
      condition.lock()
      results[index] = result
      // What comes before was begun, and is all that will be received.
      if case .failure = result { isStopped = true }
      condition.broadcast()
      condition.unlock()
    }
  }

  /// The next item, once it is not too far ahead; nil when there is none.
  private func next() -> (Int, Result<Item, Failure>)? {
    condition.lock()
    defer { condition.unlock() }
    while isPulling || begun - received >= lead, !isStopped, !isAtEnd { condition.wait() }
    guard !isStopped, !isAtEnd else { return nil }
    isPulling = true
    condition.unlock()
    let pulled = Result { () throws(Failure) in try source { self.isWanted } }
    condition.lock()
    isPulling = false
    defer { condition.broadcast() }
    switch pulled {
    case .success(nil):
      isAtEnd = true
      return nil
    case .success(let item?):
      defer { begun += 1 }
      return (begun, .success(item))
    case .failure(let error):
      isAtEnd = true
      defer { begun += 1 }
      return (begun, .failure(error))
    }
  }

  private var isWanted: Bool {
    condition.lock()
    defer { condition.unlock() }
    return !isStopped
  }

  private func end() {
    condition.lock()
    defer { condition.unlock() }
    running -= 1
    condition.broadcast()
  }

  /// Waits for an item and its result; nil where there are no more.
  private func result(_ index: Int, _ check: () throws(Failure) -> Void) throws(Failure) -> (Item, Output)? {
    condition.lock()
    defer { condition.unlock() }
    while true {
      try check()
      if let result = results.removeValue(forKey: index) {
        received = index + 1
        condition.broadcast()
        return try result.get()
      }
      if isAtEnd, index >= begun { return nil }
      _ = condition.wait(until: Date(timeIntervalSinceNow: 0.1))
    }
  }

  /// Begins no more items, and waits for those that were begun.
  private func stop() {
    condition.lock()
    defer { condition.unlock() }
    isStopped = true
    while running > 0 { condition.wait() }
  }
}
