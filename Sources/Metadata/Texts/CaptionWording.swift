import Language

/// How a caption is put where it stands for the picture: in sidecars, text files and alternative texts.
package struct CaptionWording: Sendable, Equatable {
  package var prefix: String
  package var suffix: String
  /// Characters, with prefix and suffix; nil is as many as there are.
  package var maximumLength: Int?

  package init(prefix: String = "", suffix: String = "", maximumLength: Int? = nil) {
    (self.prefix, self.suffix, self.maximumLength) = (prefix, suffix, maximumLength)
  }

  /// Characters that are left for a caption.
  package var room: Int? { maximumLength.map { $0 - prefix.count - suffix.count } }

  /// - Returns: nothing where not a single word fits.
  package func text(_ caption: String) -> String {
    let whole = English.withoutAnnouncement(caption)
    let cut = room.map { English.cut(whole, to: $0) } ?? whole
    return cut.isEmpty ? "" : prefix + cut + suffix
  }
}
