/// Kinds of inputs that cannot be used, as JSON results write them.
public enum FailureKind: String, CaseIterable, Sendable {
  case missing, unreadable, unsupported, undecodable, empty
  case tooLarge = "too-large"
}

/// Why a picture or a clip cannot be used. Each case carries the path as the caller gave it.
public enum MediaError: Error, Equatable, Sendable {
  /// There is no such file.
  case missing(path: String)
  /// The file is there, but the system does not let its bytes be read.
  case unreadable(path: String, reason: String)
  /// Not a file of a kind that can be decoded, such as a folder or a text; or one that takes FFmpeg, where that is missing.
  case unsupported(path: String, reason: String)
  /// Of a known kind, but cut off or damaged.
  case undecodable(path: String, reason: String)
  /// More pixels than the limit, or than memory holds.
  case tooLarge(path: String, reason: String)
  /// A file of no bytes.
  case empty(path: String)

  /// What kind of failure it is.
  public var kind: FailureKind {
    switch self {
    case .missing: .missing
    case .unreadable: .unreadable
    case .unsupported: .unsupported
    case .undecodable: .undecodable
    case .tooLarge: .tooLarge
    case .empty: .empty
    }
  }

  /// The path of the file, as the caller gave it.
  public var path: String {
    switch self {
    case .missing(let path), .empty(let path): path
    case .unreadable(let path, _), .unsupported(let path, _): path
    case .undecodable(let path, _), .tooLarge(let path, _): path
    }
  }

  /// What is wrong with it, without the path.
  public var reason: String {
    switch self {
    case .missing: "no such file"
    case .empty: "the file is empty"
    case .unreadable(_, let reason): "cannot be read: \(reason)"
    case .unsupported(_, let reason): reason
    case .undecodable(_, let reason): "cannot be decoded: \(reason)"
    case .tooLarge(_, let reason): "too large: \(reason)"
    }
  }
}

extension MediaError: CustomStringConvertible {
  /// One line: the path and the reason. What a path or a library's message could do to a terminal is taken
  /// out.
  public var description: String { "\(path): \(reason)".withoutControls }
}

extension String {
  /// Control characters, line separators and marks that turn the direction of writing replaced by U+FFFD.
  package var withoutControls: String {
    String(
      String.UnicodeScalarView(
        asParagraph.unicodeScalars.map { $0.properties.isBidiControl ? "\u{FFFD}" : $0 }))
  }

  /// Control characters and line separators replaced by U+FFFD.
  package var asParagraph: String {
    var result = String.UnicodeScalarView()
    for scalar in unicodeScalars {
      switch scalar.properties.generalCategory {
      case .control, .lineSeparator, .paragraphSeparator: result.append("\u{FFFD}")
      default: result.append(scalar)
      }
    }
    return String(result)
  }
}
