import Files

/// Training data, a settings file or a file of cached features that cannot be used.
package struct DataError: Error, Equatable, CustomStringConvertible {
  package enum Kind: String, Sendable {
    /// There is nothing where the file, or what it names, should be.
    case missing
    /// It is there, and breaks its own rules.
    case damaged
    /// It may be right, and is of a kind that cannot be trained on.
    case unsupported
    /// It is right, and too little for what was asked.
    case insufficient
  }

  package let kind: Kind
  package let path: String
  /// Where in the file: `line 12`, `annotation 3`, `decoder.hidden`. Nil when it is the file as a whole.
  package let location: String?
  /// At most `String.longestMessage` characters, like the location.
  package let reason: String

  package init(_ kind: Kind, path: String, location: String? = nil, reason: String) {
    self.kind = kind
    self.path = path
    self.location = location?.asMessage
    self.reason = reason.asMessage
  }

  /// One line: `data/captions.tsv: line 12: empty caption`.
  package var description: String { [path, location, reason].compactMap { $0 }.joined(separator: ": ") }
}
