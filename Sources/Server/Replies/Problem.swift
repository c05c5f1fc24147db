import Files
import Glibc
import HTTPTypes
import Hummingbird
import Media
import Narration
import Reports

/// Why a request was not answered: the one error of all routes, `{"error":{"kind","message","code"}}`.
package struct Problem: Error, Sendable {
  package let status: HTTPResponse.Status
  /// As in the program's JSON where it is about a file, else one of the server's own.
  package let kind: String
  package let message: String
  /// Seconds after which to try again.
  package var retryAfter: Int?

  package init(_ status: HTTPResponse.Status, _ kind: String, _ message: String, retryAfter: Int? = nil) {
    (self.status, self.kind, self.message) = (status, kind, message.shortened())
    self.retryAfter = retryAfter
  }

  static func usage(_ message: String) -> Problem { Problem(.badRequest, "usage", message) }

  static let notFound = Problem(.notFound, "not-found", "there is nothing of this name")

  static func tooLarge(_ limit: Int) -> Problem {
    Problem(.contentTooLarge, "too-large", "more than \(limit >> 20) MiB")
  }

  static func busy(_ reason: String) -> Problem {
    Problem(.serviceUnavailable, "busy", reason, retryAfter: 2)
  }

  static let loading = Problem(.serviceUnavailable, "loading", "the models are being loaded", retryAfter: 2)

  /// What is told of an error.
  package init(_ error: any Error) {
    switch error {
    case let problem as Problem: self = problem
    case let error as NarrationError: self.init(error)
    case let error as MediaError: self.init(NarrationError(error))
    case let error as FileError where error.code == ENOSPC:
      self = .busy("no room on the disk for what was sent")
    case is CancellationError: self.init(.conflict, "cancelled", "cancelled")
    // What is wrong inside is the log's, not the client's.
    default: self.init(.internalServerError, "internal", "something went wrong; the server's log says what")
    }
  }

  private init(_ error: NarrationError) {
    let status: HTTPResponse.Status
    switch error.kind {
    // Where models lie is nobody's outside.
    case .model:
      self = Problem(
        .serviceUnavailable, "unavailable", "a model that this takes is not here, or is damaged",
        retryAfter: 600)
      return
    case .missing: status = .notFound
    case .unreadable, .undecodable, .empty: status = .unprocessableContent
    case .unsupported: status = .unsupportedMediaType
    case .tooLarge: status = .contentTooLarge
    case .usage: status = .badRequest
    case .cancelled: status = .conflict
    case .output: status = .internalServerError
    }
    self.init(status, error.kind.rawValue, error.reason)
  }

  /// The status's.
  package var code: Int { status.code }

  package var json: JSON {
    .object([
      (
        "error",
        .object([
          ("kind", .string(kind)), ("message", .string(message)), ("code", .integer(status.code)),
        ])
      )
    ])
  }

  var response: Response {
    var response = Response(status: status, json)
    if let retryAfter { response.headers[.retryAfter] = String(retryAfter) }
    if status == .unauthorized { response.headers[.wwwAuthenticate] = "Bearer" }
    return response
  }
}
