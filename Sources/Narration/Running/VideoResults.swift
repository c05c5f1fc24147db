/// What a video gives one after the other, in order of time. The work begins with a loop over it, anew for each loop, and ends
/// when the loop is left or its task is cancelled.
///
///     for try await segment in labeler.segments(of: clip) {
///       print(segment.start, segment.labels.first?.label ?? "-")
///     }
public struct VideoResults<Element: Sendable>: AsyncSequence, Sendable {
  /// What a loop throws; of kind `cancelled` in a task that is cancelled.
  public typealias Failure = NarrationError

  private let workers: Workers
  private let work: @Sendable (_ check: () throws -> Void, _ give: (Element) -> Void) throws -> Void

  init(
    _ workers: Workers,
    _ work: @escaping @Sendable (_ check: () throws -> Void, _ give: (Element) -> Void) throws -> Void
  ) {
    (self.workers, self.work) = (workers, work)
  }

  /// Begins the work.
  public func makeAsyncIterator() -> Iterator {
    let (elements, giver) = AsyncStream.makeStream(of: Element.self)
    let pending = workers.start(atEnd: giver.finish) { [work] pending in
      try work({ try pending.check() }, { giver.yield($0) })
    }
    return Iterator(elements: elements.makeAsyncIterator(), work: Work(pending))
  }

  /// Gives the elements.
  public struct Iterator: AsyncIteratorProtocol {
    /// What a loop throws.
    public typealias Failure = NarrationError

    fileprivate var elements: AsyncStream<Element>.Iterator
    fileprivate let work: Work

    /// The next element, or nil after the last.
    public mutating func next() async throws(NarrationError) -> Element? {
      try await next(isolation: nil)
    }

    /// The next element, or nil after the last.
    public mutating func next(isolation actor: isolated (any Actor)?) async throws(NarrationError) -> Element?
    {
      if let element = await elements.next(isolation: actor) { return element }
      // There are no more, or the task was cancelled: this throws then.
      try await work.pending.value()
      return nil
    }
  }

  /// Ends with the loop.
  fileprivate final class Work: Sendable {
    let pending: Pending<Void>

    init(_ pending: Pending<Void>) { self.pending = pending }

    deinit { pending.cancel() }
  }
}
