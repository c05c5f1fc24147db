import HTTPTypes
import Hummingbird
import NIOCore

/// Writes to a client as long as it takes what is written: one that stops for long loses its connection, so that nobody holds an
/// answer, or a server that is about to end, for ever.
struct PatientWriter: ResponseBodyWriter {
  /// Bytes that a connection takes without the client.
  static let atOnce = 64 << 10
  private static let patience = TimeAmount.seconds(30)

  private var writer: any ResponseBodyWriter
  private let channel: any Channel

  /// The same body, so written.
  static func body(_ body: ResponseBody, _ channel: any Channel) -> ResponseBody {
    ResponseBody(contentLength: body.contentLength) { writer in
      try await body.write(PatientWriter(writer: writer, channel: channel))
    }
  }

  mutating func write(_ buffer: ByteBuffer) async throws {
    let end = channel.eventLoop.scheduleTask(in: Self.patience) { [channel] in channel.close(promise: nil) }
    defer { end.cancel() }
    try await writer.write(buffer)
  }

  consuming func finish(_ trailingHeaders: HTTPFields?) async throws {
    try await writer.finish(trailingHeaders)
  }
}
