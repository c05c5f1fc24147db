import DequeModule
import Synchronization

/// Lets one work at a time, the others in their order.
package final class Lane: Sendable {
  private struct State {
    var isTaken = false
    var waiting: Deque<(id: Int, turn: CheckedContinuation<Bool, Never>)> = []
    var last = 0
  }

  private let capacity: Int
  private let state = Mutex(State())

  /// - Parameter capacity: of those that wait
  package init(capacity: Int) { self.capacity = capacity }

  package var count: Int { state.withLock(\.waiting.count) }

  /// Whether somebody more may wait.
  package var hasRoom: Bool { state.withLock { !$0.isTaken || $0.waiting.count < capacity } }

  /// - Throws: `Problem` where too many wait, `CancellationError` in a task that is cancelled while it waits.
  package func take<Output: Sendable>(_ work: () async throws -> Output) async throws -> Output {
    let id = state.withLock { state in
      state.last += 1
      return state.last
    }
    let hasTurn = await withTaskCancellationHandler {
      await withCheckedContinuation { turn in
        let hasTurn: Bool? = state.withLock { state in
          if Task.isCancelled || state.isTaken && state.waiting.count >= capacity { return false }
          guard state.isTaken else {
            state.isTaken = true
            return true
          }
          state.waiting.append((id, turn))
          return nil
        }
        if let hasTurn { turn.resume(returning: hasTurn) }
      }
    } onCancel: {
      let turn = state.withLock { state in
        state.waiting.firstIndex { $0.id == id }.map { state.waiting.remove(at: $0).turn }
      }
      turn?.resume(returning: false)
    }
    guard hasTurn else {
      try Task.checkCancellation()
      throw Problem.busy("as many videos wait as may")
    }
    defer { next() }
    return try await work()
  }

  private func next() {
    let turn = state.withLock { state in
      let next = state.waiting.popFirst()
      if next == nil { state.isTaken = false }
      return next?.turn
    }
    turn?.resume(returning: true)
  }
}
