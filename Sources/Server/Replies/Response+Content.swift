import Files
import HTTPTypes
import Hummingbird
import NIOCore

extension Response {
  /// JSON on one line.
  init(status: HTTPResponse.Status = .ok, _ json: JSON) {
    self.init(status: status, bytes: Array(json.text.utf8), type: "application/json")
  }

  /// - Parameter type: the content's
  init(status: HTTPResponse.Status = .ok, bytes: [UInt8], type: String) {
    self.init(
      status: status, headers: [.contentType: type, .contentLength: String(bytes.count)],
      body: Self.body(bytes))
  }

  /// What is long is written a piece at a time, so that a client that does not take it holds little.
  private static func body(_ bytes: [UInt8]) -> ResponseBody {
    let piece = 64 << 10
    if bytes.count <= piece { return ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)) }
    return ResponseBody(contentLength: bytes.count) { writer in
      for first in stride(from: 0, to: bytes.count, by: piece) {
        try await writer.write(ByteBuffer(bytes: bytes[first..<min(first + piece, bytes.count)]))
      }
      try await writer.finish(nil)
    }
  }

  static var nothing: Response { Response(status: .noContent) }
}
