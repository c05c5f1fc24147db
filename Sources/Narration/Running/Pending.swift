import Synchronization

/// Work on a thread of our own that tasks wait for. It is cancelled with a task that waits, or by hand.
final class Pending<Value: Sendable>: Sendable {
  typealias Outcome = Result<Value, NarrationError>

  private struct State {
    var outcome: Outcome?
    var hasBegun = false
    var waiters: [CheckedContinuation<Outcome, Never>] = []
  }

  private let state = Mutex(State())
  private let isCancelled = Atomic(false)
  private let atEnd: @Sendable () -> Void

  /// - Parameter atEnd: called once, when it is known what came of it, also of work that never began
  init(atEnd: @escaping @Sendable () -> Void = {}) { self.atEnd = atEnd }

  /// Asks the work to end: at once if it has not begun, or else where it next looks.
  func cancel() {
    isCancelled.store(true, ordering: .relaxed)
    if !state.withLock(\.hasBegun) { finish(.failure(.cancelled)) }
  }

  /// Called now and then by the work.
  /// - Throws: if it was cancelled.
  func check() throws(NarrationError) {
    if isCancelled.load(ordering: .relaxed) { throw .cancelled }
  }

  /// Does the work, on the thread that calls, unless it was cancelled before.
  func run(_ work: () throws -> Value) {
    let isWanted = state.withLock { state in
      state.hasBegun = true
      return state.outcome == nil
    }
    guard isWanted else { return }
    finish(Result(catching: work).mapError(NarrationError.init))
  }

  private func finish(_ outcome: Outcome) {
    let waiters: [CheckedContinuation<Outcome, Never>]? = state.withLock { state in
      guard state.outcome == nil else { return nil }
      defer { state.waiters = [] }
      state.outcome = outcome
      return state.waiters
    }
    guard let waiters else { return }
    atEnd()
    for waiter in waiters { waiter.resume(returning: outcome) }
  }

  /// What came of it. A task that is cancelled while it waits cancels the work, and waits until that has ended.
  func value() async throws(NarrationError) -> Value {
    // Work that is quick may have ended before it could be cancelled: whether it did must not decide.
    let wasCancelled = Task.isCancelled
    let outcome = await withTaskCancellationHandler {
      await withCheckedContinuation { waiter in
        let outcome = state.withLock { state in
          if state.outcome == nil { state.waiters.append(waiter) }
          return state.outcome
        }
        if let outcome { waiter.resume(returning: outcome) }
      }
    } onCancel: {
      cancel()
    }
    if wasCancelled { throw .cancelled }
    return try outcome.get()
  }
}
