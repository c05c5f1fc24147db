import Files
import Foundation
import Hummingbird
import NIOCore
import Synchronization

/// Reads bodies within their limits: bytes, those of all requests together, and time.
struct BodyReader: Sendable {
  let limits: ServerSettings.Limits
  /// Bytes of all bodies in memory.
  private let taken: Taken

  /// One count for all copies.
  private final class Taken: Sendable {
    let bytes = Atomic(0)
  }

  init(_ limits: ServerSettings.Limits) { (self.limits, taken) = (limits, Taken()) }

  /// Reads a body and hands it on; its room is somebody else's when that has ended.
  /// - Throws: `Problem`
  func withBytes<Output>(
    _ request: Request, _ context: ServerContext, _ work: ([UInt8]) async throws -> Output
  ) async throws -> Output {
    let announced = try announced(request, context, limits.picture)
    // As it comes, not as it is announced, which costs a client nothing.
    var held = 0
    defer { taken.bytes.subtract(held, ordering: .relaxed) }
    func take(_ count: Int) throws {
      guard taken.bytes.add(count, ordering: .relaxed).newValue <= limits.pictures else {
        taken.bytes.subtract(count, ordering: .relaxed)
        throw Problem.busy("too much is being sent at the same time")
      }
      held += count
    }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(min(announced ?? 0, 1 << 20))
    try await read(request, context, limit: limits.picture) { part in
      try take(part.readableBytes)
      part.withUnsafeReadableBytes { bytes.append(contentsOf: $0) }
    }
    return try await work(bytes)
  }

  /// Reads a body into a file without a name.
  /// - Throws: `Problem`, `FileError`
  func file(_ request: Request, _ context: ServerContext) async throws -> TemporaryFile {
    _ = try announced(request, context, limits.video)
    let file = try TemporaryFile()
    var isEmpty = true
    try await read(request, context, limit: limits.video) { part in
      isEmpty = false
      try file.append(Array(part.readableBytesView))
    }
    guard !isEmpty else { throw Problem(.unprocessableContent, "empty", "an empty body") }
    return file
  }

  /// The length that a request says, within the limit.
  private func announced(_ request: Request, _ context: ServerContext, _ limit: Int) throws -> Int? {
    if let problem = Self.wrapping(request) {
      throw problem
    }
    guard let text = request.headers[.contentLength] else { return nil }
    guard let length = Int(text), 0...limit ~= length else {
      throw Problem.tooLarge(limit)
    }
    return length
  }

  /// A file within something else, of which FFmpeg might find pieces.
  private static func wrapping(_ request: Request) -> Problem? {
    let type = (request.headers[.contentType] ?? "").lowercased()
    if type.hasPrefix("multipart/") {
      return Problem(
        .unsupportedMediaType, "unsupported",
        "a form; send the file's bytes themselves (curl --data-binary @FILE)")
    }
    if let coding = request.headers[.contentEncoding]?.lowercased(), coding != "identity" {
      return Problem(.unsupportedMediaType, "unsupported", "a body that is compressed or the like")
    }
    return nil
  }

  private func read(
    _ request: Request, _ context: ServerContext, limit: Int, _ take: (ByteBuffer) throws -> Void
  ) async throws {
    let watch = Watch(limits, context)
    defer { watch.end() }
    var count = 0
    do {
      for try await part in request.body {
        count += part.readableBytes
        watch.note(count)
        guard count <= limit else { throw Problem.tooLarge(limit) }
        try take(part)
      }
    } catch {
      if watch.hasEnded { throw Problem(.requestTimeout, "timeout", "the body comes too slowly") }
      switch error {
      case is Problem, is FileError, is CancellationError: throw error
      // SwiftNIO's.
      default: throw Problem.usage("the body is cut short or malformed")
      }
    }
    if watch.hasEnded { throw Problem(.requestTimeout, "timeout", "the body comes too slowly") }
    context.body.end()
  }

  /// Ends the body of a client that sends too slowly, by closing the way in.
  private final class Watch: Sendable {
    private struct State {
      var count = 0
      var last = ContinuousClock.now
      var hasEnded = false
      var isOver = false
    }

    private let state = Mutex(State())
    private let began = ContinuousClock.now
    private let limits: ServerSettings.Limits
    private let channel: any Channel

    init(_ limits: ServerSettings.Limits, _ context: ServerContext) {
      (self.limits, channel) = (limits, context.channel)
      look()
    }

    var hasEnded: Bool { state.withLock(\.hasEnded) }

    func note(_ count: Int) { state.withLock { ($0.count, $0.last) = (count, .now) } }

    func end() { state.withLock { $0.isOver = true } }

    private func look() {
      channel.eventLoop.scheduleTask(in: .seconds(1)) { [weak self] in
        guard let self else { return }
        let goesOn = state.withLock { state in
          guard !state.isOver else { return false }
          let due = limits.pause + Double(state.count) / Double(limits.rate)
          let isSlow =
            (ContinuousClock.now - state.last) / .seconds(1) > limits.pause
            || (ContinuousClock.now - began) / .seconds(1) > due
          state.hasEnded = isSlow
          return !isSlow
        }
        if goesOn { look() } else if hasEnded { channel.close(mode: .input, promise: nil) }
      }
    }
  }
}
