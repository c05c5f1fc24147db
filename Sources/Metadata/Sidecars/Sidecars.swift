import Files
import SystemPackage

/// Writes what a network says of pictures into XMP files beside them. What else is in those stays, and so do the pictures.
package struct Sidecars: Sendable {
  package enum Outcome: Equatable, Sendable {
    case written
    /// Everything that was to be written is there already, or something that stays.
    case kept
  }

  /// More than any program writes.
  private static let mostBytes = 64 << 20

  private let name: SidecarName
  private let existing: ExistingText

  package init(name: SidecarName = .whole, existing: ExistingText = .skip) {
    (self.name, self.existing) = (name, existing)
  }

  /// A picture's sidecars that may be there, the first the one that is made where none is.
  package func places(of picture: GivenPath) -> [GivenPath] {
    let whole = picture.bytes
    let stem = Self.stem(picture)
    return (name == .whole ? [whole, stem] : [stem, whole]).flatMap { bytes in
      [".xmp", ".XMP"].map { GivenPath(bytes: bytes + Array($0.utf8)) }
    }
  }

  /// The path without its suffix.
  static func stem(_ picture: GivenPath) -> [UInt8] {
    guard let suffix = picture.location.extension else { return picture.bytes }
    return Array(picture.bytes.dropLast(suffix.utf8.count + 1))
  }

  /// Writes a text beside a picture.
  /// - Throws: `MetadataError` of a sidecar that cannot be read or is another picture's, and `FileError`; then it is as it was.
  package func write(_ text: MachineText, for picture: GivenPath) throws -> Outcome {
    let places = places(of: picture)
    let (place, found) = try sidecar(of: picture, places)
    return try Self.naming(place) {
      let packet = try found ?? XMPPacket()
      let isStem = place.bytes.dropLast(4).elementsEqual(Self.stem(picture))
      guard try write(text, to: packet, made: found == nil, suffix: isStem ? picture.location.extension : nil)
      else {
        return .kept
      }
      try WholeFile.write(try packet.bytes(), to: place)
      return .written
    }
  }

  /// The sidecar to write to, and what is in it.
  private func sidecar(of picture: GivenPath, _ places: [GivenPath]) throws -> (GivenPath, XMPPacket?) {
    for place in places where place.location.kind != nil {
      let packet = try Self.naming(place) { try Self.read(place) }
      guard let other = SidecarOwner.other(packet, place: place, than: picture) else {
        return (place, packet)
      }
      // A name that is not the usual one may be left to whom it belongs.
      let isUsual = places.prefix(2).contains(place)
      if isUsual {
        throw MetadataError.sidecar(path: place.text, reason: "belongs to another picture, \(other)")
      }
    }
    return (places[0], nil)
  }

  private static func read(_ place: GivenPath) throws -> XMPPacket {
    let file = try OpenFile(regular: place.location, knownAs: place.text)
    let packet = try XMPPacket(try file.bytes(atMost: mostBytes))
    guard place.mayBeWritten else { throw MetadataError.sidecar(path: place.text, reason: "is read-only") }
    return packet
  }

  /// Errors about a packet, which knows of no file, say which it is.
  private static func naming<Result>(_ place: GivenPath, _ body: () throws -> Result) throws -> Result {
    do {
      return try body()
    } catch MetadataError.sidecar(path: "", let reason) {
      throw MetadataError.sidecar(path: place.text, reason: reason)
    }
  }

  /// - Returns: whether anything changed
  private func write(_ text: MachineText, to packet: XMPPacket, made: Bool, suffix: String?)
    throws(MetadataError) -> Bool
  {
    let earlier = SidecarChanges(of: packet)
    var changes = earlier ?? SidecarChanges(made: made)
    if existing != .skip, let earlier {
      // What the machine said before is no text that it adds to.
      try earlier.undo(in: packet)
      changes = SidecarChanges(made: earlier.made)
    }
    for field in [XMPField.description, .altText] where !text.caption.isBlank && isFree(field, packet) {
      for language in [XMPPacket.anyLanguage, text.language] {
        try changes.set(field, language, adding: [text.caption], existing, in: packet)
      }
    }
    for field in [XMPField.subject, .tags] where !text.keywords.isEmpty && isFree(field, packet) {
      try changes.set(field, adding: text.keywords, existing, in: packet)
    }
    guard changes != earlier, !changes.changes.isEmpty else { return false }
    for (field, value) in [(XMPField.creatorTool, text.tool), (.suffix, suffix ?? "")]
    where !value.isEmpty && packet.value(field) == nil {
      try changes.set(field, adding: [value], .skip, in: packet)
    }
    try packet.set(.model, to: [text.model])
    try packet.set(.confidence, to: [JSON.rounded(text.confidence, places: 4).text])
    try changes.write(to: packet)
    return true
  }

  /// Whether a field may be written to.
  private func isFree(_ field: XMPField, _ packet: XMPPacket) -> Bool {
    existing != .skip || packet.items(field).allSatisfy(\.isBlank)
  }

  /// Takes back what this program wrote into a sidecar: what was there before is there again, and a sidecar that it made is gone,
  /// unless somebody has added to it.
  /// - Returns: whether there was anything of this program's
  /// - Throws: as `write`.
  package static func undo(_ place: GivenPath) throws -> Bool {
    try naming(place) {
      let packet = try read(place)
      guard let changes = SidecarChanges(of: packet) else { return false }
      try changes.undo(in: packet)
      if changes.made, packet.isEmpty {
        place.location.remove()
      } else {
        try WholeFile.write(try packet.bytes(), to: place)
      }
      return true
    }
  }

  /// All that a sidecar holds, by the paths of its properties: `dc:description[1]` and its text.
  /// - Throws: as `write`.
  package static func leaves(of place: GivenPath) throws -> [String: String] {
    try naming(place) { try read(place).leaves }
  }
}
