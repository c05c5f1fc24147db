import DequeModule
import Foundation

/// A file, and its captions or why there are none.
public struct FileCaption: Sendable, Equatable, Codable {
  /// As the caller gave it.
  public let url: URL
  /// Best first, at least one.
  public let result: Result<[Caption], NarrationError>

  /// The best caption.
  /// - Throws: why there is none.
  public var caption: Caption {
    get throws(NarrationError) { try result.get()[0] }
  }

  private enum Key: String, CodingKey { case url, captions, error }

  package init(url: URL, result: Result<[Caption], NarrationError>) {
    (self.url, self.result) = (url, result)
  }

  /// Reads what `encode` wrote.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: Key.self)
    url = try values.decode(URL.self, forKey: .url)
    if let error = try values.decodeIfPresent(NarrationError.self, forKey: .error) {
      result = .failure(error)
    } else {
      let captions = try values.decode([Caption].self, forKey: .captions)
      guard !captions.isEmpty else {
        throw DecodingError.dataCorruptedError(forKey: .captions, in: values, debugDescription: "no caption")
      }
      result = .success(captions)
    }
  }

  /// The file, and its `captions` or the `error`.
  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: Key.self)
    try values.encode(url, forKey: .url)
    switch result {
    case .success(let captions): try values.encode(captions, forKey: .captions)
    case .failure(let error): try values.encode(error, forKey: .error)
    }
  }
}

/// The captions of many files, in their order: see `Captioner.captions(of:options:)`. The work begins with a loop over it, anew
/// for each loop, goes a little ahead of it, and ends when the loop is left or its task is cancelled.
public struct FileCaptions: AsyncSequence, Sendable {
  /// Gives the elements.
  public typealias Element = FileCaption
  /// A loop throws nothing: in a task that is cancelled it ends.
  public typealias Failure = Never
  typealias Outcomes = Pending<[Result<[Caption], NarrationError>]>

  private let files: [URL]
  private let batch: Int
  private let lead: Int
  private let start: @Sendable ([URL]) -> Outcomes

  /// - Parameters:
  ///   - batch: files that are captioned together
  ///   - lead: batches that are begun before they are asked for
  ///   - start: begins to caption a batch
  init(_ files: [URL], batch: Int, lead: Int, start: @escaping @Sendable ([URL]) -> Outcomes) {
    (self.files, self.batch, self.lead, self.start) = (files, batch, lead, start)
  }

  /// Begins the work.
  public func makeAsyncIterator() -> Iterator {
    Iterator(files: files[...], batch: batch, lead: lead, start: start, begun: Begun(), ready: [])
  }

  /// Gives the captions.
  public struct Iterator: AsyncIteratorProtocol {
    /// A loop throws nothing.
    public typealias Failure = Never

    /// Those that are not begun.
    fileprivate var files: ArraySlice<URL>
    fileprivate let batch: Int
    fileprivate let lead: Int
    fileprivate let start: @Sendable ([URL]) -> Outcomes
    fileprivate let begun: Begun
    fileprivate var ready: ArraySlice<FileCaption>

    /// The next file, or nil after the last.
    public mutating func next() async -> FileCaption? { await next(isolation: nil) }

    /// The next file, or nil after the last.
    public mutating func next(isolation actor: isolated (any Actor)?) async -> FileCaption? {
      if let next = ready.popFirst() { return next }
      while begun.batches.count < lead, !files.isEmpty {
        let chosen = Array(files.prefix(batch))
        files = files.dropFirst(batch)
        begun.batches.append((chosen, start(chosen)))
      }
      guard !Task.isCancelled, let first = begun.batches.popFirst() else { return nil }
      do {
        let outcomes = try await first.outcomes.value()
        ready = zip(first.files, outcomes).map { FileCaption(url: $0, result: $1) }[...]
      } catch {
        guard error.kind != .cancelled else { return nil }
        ready = first.files.map { FileCaption(url: $0, result: .failure(error)) }[...]
      }
      return ready.popFirst()
    }
  }

  /// What was begun and not given; ends with the loop.
  fileprivate final class Begun {
    var batches: Deque<(files: [URL], outcomes: Outcomes)> = []

    deinit { for batch in batches { batch.outcomes.cancel() } }
  }
}
