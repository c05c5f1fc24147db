/// How far the work on a video is.
public struct VideoProgress: Sendable, Hashable, Codable {
  /// Seconds of the video that are done.
  public let seconds: Double
  /// Seconds of the whole video, as its container says; nil where it does not.
  public let duration: Double?

  /// See the properties.
  public init(seconds: Double, duration: Double?) {
    (self.seconds, self.duration) = (seconds, duration)
  }

  /// From 0 to 1; nil where the length is not known.
  public var fraction: Double? {
    duration.flatMap { $0 > 0 ? min(max(0, seconds / $0), 1) : nil }
  }
}

/// Work on a video that has begun: how far it is, and what comes of it. It is cancelled with the task that waits for it, by
/// `cancel`, or by letting go of the run.
///
///     let run = summarizer.run(on: film)
///     for await progress in run.progress { print(progress.seconds) }
///     let summary = try await run.value
public final class VideoRun<Value: Sendable>: Sendable {
  /// How far it is, the newest if there were several since the last; ends with the work, also where that was cancelled before it began. One
  /// loop at a time.
  public let progress: AsyncStream<VideoProgress>
  private let pending: Pending<Value>

  /// - Parameter work: given what to call with the progress for each frame, which throws when it is to end.
  package init(
    _ workers: Workers,
    _ work: @escaping @Sendable (@escaping (Double, Double?) throws -> Void) throws -> Value
  ) {
    let (progress, teller) = AsyncStream.makeStream(
      of: VideoProgress.self, bufferingPolicy: .bufferingNewest(1))
    let pending = workers.start(atEnd: teller.finish) { (pending: Pending<Value>) in
      try work { seconds, duration in
        try pending.check()
        teller.yield(VideoProgress(seconds: seconds, duration: duration))
      }
    }
    // A loop over the progress in a task that is cancelled.
    teller.onTermination = { if case .cancelled = $0 { pending.cancel() } }
    (self.progress, self.pending) = (progress, pending)
  }

  deinit { pending.cancel() }

  /// What came of it, when it is done. A task that is cancelled while it waits cancels the work.
  /// - Throws: of kind `cancelled` if it was cancelled.
  public var value: Value {
    get async throws(NarrationError) { try await pending.value() }
  }

  /// Ends the work before it is done.
  public func cancel() { pending.cancel() }
}
