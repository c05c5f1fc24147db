import DequeModule
import Synchronization

/// Lets one work at a time, the others in their order.
package final class Lane: Sendable {
  private struct State {
    /// Places that somebody has: of those that work, wait, or will.
    var places = 0
    var isTaken = false
    var waiting: Deque<(id: Int, turn: CheckedContinuation<Bool, Never>)> = []
    var last = 0
  }

  private let capacity: Int
  private let state = Mutex(State())

  /// - Parameter capacity: of those that wait
  package init(capacity: Int) { self.capacity = capacity }

  /// Those that wait.
  package var count: Int { state.withLock(\.waiting.count) }

  /// A place in the lane, as long as it is held.
  package final class Place: Sendable {
    fileprivate let lane: Lane

    fileprivate init(_ lane: Lane) { self.lane = lane }

    deinit { lane.state.withLock { $0.places -= 1 } }
  }

  /// Takes a place, before what is to be done is there.
  /// - Throws: `Problem` where too many have one
  package func reserve() throws(Problem) -> Place {
    let isFull = state.withLock { state in
      guard state.places <= capacity else { return true }
      state.places += 1
      return false
    }
    if isFull { throw Problem.busy("as many videos wait as may") }
    return Place(self)
  }

  /// Waits for the turn, and works.
  /// - Throws: `CancellationError` in a task that is cancelled while it waits.
  package func take<Output: Sendable>(
    _ place: Place, _ work: () async throws -> Output
  ) async throws -> Output {
    precondition(place.lane === self)
    defer { withExtendedLifetime(place) {} }
    guard await hasTurn() else { throw CancellationError() }
    defer { next() }
    return try await work()
  }

  /// - Returns: false in a task that was cancelled
  private func hasTurn() async -> Bool {
    let id = state.withLock { state in
      state.last += 1
      return state.last
    }
    return await withTaskCancellationHandler {
      await withCheckedContinuation { turn in
        let hasTurn: Bool? = state.withLock { state in
          if Task.isCancelled { return false }
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
