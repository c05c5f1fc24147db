import Files
import SystemPackage

/// Writes captions into `photo.txt` beside `photo.jpg`, as those who train networks have them (TagGUI, kohya's scripts).
package struct TextFiles: Sendable {
  /// More is no caption.
  private static let mostBytes = 1 << 20
  private static let separator = ", "

  private let existing: ExistingText
  /// Those of this run, with the pictures that they are of.
  private var written: [GivenPath: GivenPath] = [:]

  package init(existing: ExistingText = .skip) { self.existing = existing }

  /// Where a picture's text is.
  package static func place(of picture: GivenPath) -> GivenPath {
    GivenPath(bytes: Sidecars.stem(picture) + Array(".txt".utf8))
  }

  /// - Throws: `MetadataError` for a file that is another picture's or cannot be added to, and `FileError`; then it is as it was.
  package mutating func write(_ text: String, for picture: GivenPath) throws -> Sidecars.Outcome {
    let place = Self.place(of: picture)
    guard place != picture else {
      throw MetadataError.sidecar(path: place.text, reason: "is the picture itself")
    }
    if let other = written[place], other != picture {
      throw MetadataError.sidecar(path: place.text, reason: "belongs to another picture, \(other.text)")
    }
    written[place] = picture
    var line = text
    if place.location.kind != nil {
      let before = try Self.read(place)
      if existing == .skip, !before.isBlank { return .kept }
      if existing == .append, !before.isBlank {
        if before == text || before.hasSuffix(Self.separator + text) { return .kept }
        line = before + Self.separator + text
      }
    }
    try WholeFile.write((line + "\n").utf8, to: place)
    return .written
  }

  /// What a file says, without the end of its last line.
  private static func read(_ place: GivenPath) throws -> String {
    let file = try OpenFile(regular: place.location, knownAs: place.text)
    guard place.mayBeWritten else { throw MetadataError.sidecar(path: place.text, reason: "is read-only") }
    guard let text = String(validating: try file.bytes(atMost: mostBytes), as: UTF8.self) else {
      throw MetadataError.sidecar(path: place.text, reason: "is no text in UTF-8")
    }
    return String(text.reversed().drop(while: \.isNewline).reversed())
  }
}
