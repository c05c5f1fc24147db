import Compute
import DequeModule
import Foundation

/// Threads of our own that do work in its order. Swift's are as few as there are cores and must not be held up: a task that
/// waits for work leaves its thread to others.
package final class Workers: Sendable {
  private let queue = Queue()

  package init(_ count: Int) {
    for _ in 0..<count {
      let thread = Thread { [queue] in
        while let work = queue.next() { work() }
      }
      thread.stackSize = ThreadTeam.stackByteCount
      thread.start()
    }
  }

  /// What was started is still done.
  deinit { queue.close() }

  /// How much work nobody has begun.
  var waiting: Int { queue.count }

  /// - Parameters:
  ///   - atEnd: see `Pending`
  ///   - work: given the work itself, to look whether it was cancelled.
  func start<Value>(
    atEnd: @escaping @Sendable () -> Void = {}, _ work: @escaping @Sendable (Pending<Value>) throws -> Value
  ) -> Pending<Value> {
    let pending = Pending<Value>(atEnd: atEnd)
    queue.add { pending.run { try work(pending) } }
    return pending
  }

  /// Does work that cannot be ended early, on a thread of its own, and waits for it.
  package static func once<Value: Sendable>(
    _ work: @escaping @Sendable () throws -> Value
  ) async throws(NarrationError) -> Value {
    try await Workers(1).run { _ in try work() }
  }

  /// Does work and waits for it. It is cancelled with the calling task.
  func run<Value: Sendable>(
    _ work: @escaping @Sendable (Pending<Value>) throws -> Value
  ) async throws(NarrationError) -> Value {
    try await start(work).value()
  }

  /// `@unchecked Sendable`: the condition's lock is held wherever a variable is touched.
  private final class Queue: @unchecked Sendable {
    private let condition = NSCondition()
    private var waiting: Deque<@Sendable () -> Void> = []
    private var isClosed = false

    var count: Int { condition.withLock { waiting.count } }

    func add(_ work: @escaping @Sendable () -> Void) {
      condition.withLock { waiting.append(work) }
      condition.signal()
    }

    /// Waits for work; nil when there will be none.
    func next() -> (@Sendable () -> Void)? {
      condition.withLock {
        while waiting.isEmpty, !isClosed { condition.wait() }
        return waiting.popFirst()
      }
    }

    func close() {
      condition.withLock { isClosed = true }
      condition.broadcast()
    }
  }
}

/// What only one thread uses: the single worker of a job, one thing after the other.
///
/// `@unchecked Sendable`: nobody but that worker touches it.
struct Owned<Engine>: @unchecked Sendable {
  let engine: Engine
}
