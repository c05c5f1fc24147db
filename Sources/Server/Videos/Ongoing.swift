import NIOCore
import Synchronization

/// Work that a client waits for and that takes long: it ends with the connection, and with the server.
final class Ongoing: Sendable {
  private struct State {
    var cancels: [Int: @Sendable () -> Void] = [:]
    var last = 0
    var isOver = false
  }

  private let state = Mutex(State())

  /// - Throws: what the work throws; `Problem` where it was cancelled
  func run<Output: Sendable>(
    _ channel: any Channel, _ work: @escaping @Sendable () async throws -> Output
  ) async throws -> Output {
    let task = Task { try await work() }
    let (number, isOver) = state.withLock { state in
      state.last += 1
      state.cancels[state.last] = { task.cancel() }
      return (state.last, state.isOver)
    }
    if isOver { task.cancel() }
    defer { state.withLock { _ = $0.cancels.removeValue(forKey: number) } }
    ConnectionHandler.gone(channel).whenComplete { _ in task.cancel() }
    do {
      return try await task.value
    } catch {
      guard Problem(error).kind == "cancelled" else { throw error }
      throw Problem.busy("the client went away, or the server is about to end")
    }
  }

  /// From now on nothing goes on.
  func cancelAll() {
    let cancels = state.withLock { state in
      state.isOver = true
      return Array(state.cancels.values)
    }
    for cancel in cancels { cancel() }
  }
}
