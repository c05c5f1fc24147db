import DequeModule
import Narration
import Synchronization

/// Pictures that wait to be captioned. Several are searched at once where several wait, which is faster; a picture that comes
/// alone has all cores. A picture never waits for a video.
package final class PictureQueue: Sendable {
  private struct Waiting {
    let picture: SentPicture
    let options: CaptionOptions
    let client: String?
    let answer: CheckedContinuation<Result<DescribedFile, NarrationError>, Never>
  }

  private struct State {
    var waiting: Deque<Waiting> = []
    /// Searches under way.
    var running = 0
    /// Pictures of each client, waiting or searched.
    var clients: [String: Int] = [:]
  }

  private let captioner: Captioner
  private let capacity: Int
  private let state = Mutex(State())

  /// - Parameter capacity: pictures that wait at most
  package init(_ captioner: Captioner, capacity: Int) {
    (self.captioner, self.capacity) = (captioner, capacity)
  }

  /// Pictures that wait.
  package var count: Int { state.withLock(\.waiting.count) }

  /// - Parameter client: nil is not counted
  /// - Throws: `Problem`
  package func describe(
    _ picture: SentPicture, options: CaptionOptions, client: String?
  ) async throws -> DescribedFile {
    if let client { try enter(client) }
    defer { if let client { leave(client) } }
    let result = await withCheckedContinuation { answer in
      let entry = Waiting(picture: picture, options: options, client: client, answer: answer)
      let isFull = state.withLock { state in
        if state.waiting.count < capacity { state.waiting.append(entry) } else { return true }
        return false
      }
      if isFull { answer.resume(returning: .failure(Self.full)) } else { advance() }
    }
    if case .failure(let error) = result, error == Self.full {
      throw Problem.busy("as many pictures wait as may")
    }
    return try result.get()
  }

  private static let full = NarrationError(.cancelled, reason: "the queue is full")

  /// Half of the queue is one client's at most, so that others have theirs.
  private func enter(_ client: String) throws(Problem) {
    let isTooMany = state.withLock { state in
      let count = state.clients[client, default: 0]
      if count >= max(1, capacity / 2) { return true }
      state.clients[client] = count + 1
      return false
    }
    if isTooMany {
      throw Problem(.tooManyRequests, "too-many", "too many pictures of one client wait", retryAfter: 2)
    }
  }

  private func leave(_ client: String) {
    state.withLock { state in
      let count = state.clients[client, default: 1] - 1
      state.clients[client] = count > 0 ? count : nil
    }
  }

  /// Begins searches as long as there are cores for them.
  private func advance() {
    while let (batch, isAlone) = next() {
      Task {
        let results = await captioner.described(
          batch.map(\.picture), options: batch[0].options, isAlone: isAlone)
        for (entry, result) in zip(batch, results) { entry.answer.resume(returning: result) }
        state.withLock { $0.running -= 1 }
        advance()
      }
    }
  }

  private func next() -> (batch: [Waiting], isAlone: Bool)? {
    state.withLock { state in
      guard state.running < captioner.cores, let first = state.waiting.popFirst() else { return nil }
      // All cores have some, as long as there are enough.
      let share = (state.waiting.count + 1 + state.running) / captioner.cores
      var batch = [first]
      while batch.count < min(Captioner.batch, share), state.waiting.first?.options == first.options,
        let entry = state.waiting.popFirst()
      {
        batch.append(entry)
      }
      state.running += 1
      return (batch, state.running == 1 && state.waiting.isEmpty)
    }
  }
}
