import Files
import Foundation
import Media
import Models

/// Why something could not be done: the one error that this module's functions throw.
///
///     do {
///       print(try await captioner.caption(contentsOf: photo).text)
///     } catch where error.kind == .missing {
///       print("no such file: \(error.file ?? "")")
///     }
public struct NarrationError: Error, Sendable, Equatable, Codable, CustomStringConvertible {
  /// What is wrong. The raw values of the first six are the kinds of failure in the program's JSON.
  public enum Kind: String, Sendable, Codable, CaseIterable {
    /// There is no such file.
    case missing
    /// The file is there, but the system does not let its bytes be read.
    case unreadable
    /// Not a file of a kind that can be decoded; or one that takes FFmpeg, where that is missing.
    case unsupported
    /// Of a known kind, but cut off or damaged.
    case undecodable
    /// More pixels than the limit, or than memory holds.
    case tooLarge = "too-large"
    /// A file of no bytes, or a video without a frame.
    case empty
    /// A model's folder is not there, is damaged, or does not fit this version.
    case model
    /// An option has a value that it cannot have, or that the model or this CPU does not know.
    case usage
    /// A file or folder could not be written.
    case output
    /// The task was cancelled, or the run.
    case cancelled
  }

  /// What is wrong.
  public let kind: Kind
  /// The file or folder that it is about, as the caller gave it, or one within; nil if it is about none.
  public let file: String?
  /// What is wrong, in words, without the file.
  public let reason: String

  /// See the properties.
  public init(_ kind: Kind, file: String? = nil, reason: String) {
    (self.kind, self.file, self.reason) = (kind, file, reason)
  }

  /// One line: the file and the reason, without what these could do to a terminal.
  public var description: String { (file.map { "\($0): \(reason)" } ?? reason).withoutControls }

  static let cancelled = NarrationError(.cancelled, reason: "cancelled")

  /// What an outsider is told of an error.
  package init(_ error: any Error) {
    switch error {
    case let error as NarrationError: self = error
    case let error as MediaError: self.init(Kind(error), file: error.path, reason: error.reason)
    case .missing(let path, let reason) as ModelError, .damaged(let path, let reason) as ModelError:
      self.init(.model, file: path, reason: reason)
    case let error as FileError:
      self.init(
        .output, file: error.path,
        reason: "cannot \(error.operation.rawValue): \(FileError.reason(error.code))")
    case is CancellationError: self = .cancelled
    case is OptionError, is StyleError, is PrecisionError: self.init(.usage, reason: "\(error)")
    // What is left comes from the model: a network that does not fit its weights.
    default: self.init(.model, reason: "\(error)")
    }
  }
}

extension NarrationError.Kind {
  fileprivate init(_ error: MediaError) {
    self =
      switch error {
      case .missing: .missing
      case .unreadable: .unreadable
      case .unsupported: .unsupported
      case .undecodable: .undecodable
      case .tooLarge: .tooLarge
      case .empty: .empty
      }
  }
}
