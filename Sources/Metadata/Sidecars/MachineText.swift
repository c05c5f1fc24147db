/// What a network says of a picture, as it is written for other programs.
package struct MachineText: Sendable, Equatable {
  /// The sentence.
  package var caption: String
  /// What it is in, as `en` (RFC 5646).
  package var language: String
  /// Words that the picture is found by; none are written where there are none.
  package var keywords: [String]
  /// The model's name.
  package var model: String
  /// 0…1
  package var confidence: Double
  /// The program's name and version.
  package var tool: String

  package init(
    caption: String, language: String = "en", keywords: [String] = [], model: String, confidence: Double,
    tool: String
  ) {
    (self.caption, self.language, self.keywords) = (caption, language, keywords)
    (self.model, self.confidence, self.tool) = (model, confidence, tool)
  }
}

/// What becomes of a text that is there already.
package enum ExistingText: String, CaseIterable, Sendable {
  /// It stays as it is; what is missing is written.
  case skip
  case overwrite
  /// The new one comes after it.
  case append
}

/// How a sidecar is called.
package enum SidecarName: String, CaseIterable, Sendable {
  /// As darktable, digiKam and Immich have it.
  case whole = "photo.jpg.xmp"
  /// As Lightroom has it: the picture's suffix is replaced.
  case stem = "photo.xmp"
}
