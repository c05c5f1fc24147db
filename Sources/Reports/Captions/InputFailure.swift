import Files
import Foundation
import Media

/// Why an input could not be captioned, in the words of the JSON output.
package struct InputFailure: Error, Sendable, Equatable {
  package let kind: FailureKind
  package let message: String

  package init(kind: FailureKind, message: String) {
    self.kind = kind
    self.message = message.shortened()
  }

  /// The object of the `json` and `jsonl` formats.
  package func json(path: String) -> JSON {
    .object([
      ("path", .string(path)), ("status", .string("error")),
      ("error", .object([("kind", .string(kind.rawValue)), ("message", .string(message))])),
    ])
  }

  /// What the system says of a file that it does not give.
  package static func unreadable(_ code: Int32) -> InputFailure {
    InputFailure(kind: code == ENOENT ? .missing : .unreadable, message: FileError.reason(code))
  }
}
