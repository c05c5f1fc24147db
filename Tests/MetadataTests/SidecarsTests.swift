import Files
import Foundation
import Metadata
import TestSupport
import Testing

/// What the writer of sidecars does with what is there.
@Suite struct SidecarsTests {
  private let folder: TemporaryFolder
  private let picture: GivenPath
  private let text = MachineText(
    caption: "a dog on <grass> & \"stones\"", keywords: ["dog", "grass"], model: "caption-everyday",
    confidence: 0.61234, tool: "Narrate 0.1.0")

  init() throws {
    folder = try TemporaryFolder()
    try folder.write("jpeg", "photo.jpg")
    picture = GivenPath(folder.path("photo.jpg"))
  }

  private func contents(_ name: String) throws -> String {
    try String(contentsOfFile: folder.path(name), encoding: .utf8)
  }

  /// A sidecar as others write it.
  private func foreign(_ properties: String) -> String {
    """
    <?xpacket begin="\u{FEFF}" id="W5M0MpCehiHzreSzNTczkc9d"?>
    <x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
    <rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xmp="http://ns.adobe.com/xap/1.0/"
     xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/" xmlns:crs="http://ns.adobe.com/camera-raw-settings/1.0/"
     xmlns:darktable="http://darktable.sf.net/" xmlns:digiKam="http://www.digikam.org/ns/1.0/"
     xmlns:mine="http://example.org/mine#">
    \(properties)
    </rdf:Description></rdf:RDF></x:xmpmeta>
    <?xpacket end="w"?>
    """
  }

  /// Of all kinds that there are.
  private var rich: String {
    foreign(
      """
      <xmp:Rating>4</xmp:Rating><xmp:CreatorTool>Camera 1.2</xmp:CreatorTool>
      <dc:description><rdf:Alt><rdf:li xml:lang="x-default">Hund</rdf:li><rdf:li xml:lang="de">Mein Hund</rdf:li></rdf:Alt></dc:description>
      <dc:title><rdf:Alt><rdf:li xml:lang='de'>Titel</rdf:li><rdf:li xml:lang='x-default'>Title</rdf:li></rdf:Alt></dc:title>
      <dc:rights><rdf:Alt><rdf:li xml:lang='x-default'>mine</rdf:li></rdf:Alt></dc:rights>
      <dc:subject><rdf:Bag><rdf:li>holiday</rdf:li><rdf:li>dog</rdf:li></rdf:Bag></dc:subject>
      <darktable:history><rdf:Seq><rdf:li darktable:num="0" darktable:operation="exposure"/></rdf:Seq></darktable:history>
      <mine:deep rdf:parseType="Resource"><mine:a>1</mine:a></mine:deep>
      """)
  }

  @Test func aNewSidecarHasEveryField() throws {
    #expect(try Sidecars().write(text, for: picture) == .written)
    #expect(try folder.contents == ["photo.jpg", "photo.jpg.xmp"])
    let leaves = try Sidecars.leaves(of: GivenPath(folder.path("photo.jpg.xmp")))
    for field in ["dc:description", "Iptc4xmpCore:AltTextAccessibility"] {
      #expect(leaves[field + "[1]"] == text.caption && leaves[field + "[1]/?xml:lang"] == "x-default")
      #expect(leaves[field + "[2]"] == text.caption && leaves[field + "[2]/?xml:lang"] == "en")
    }
    for field in ["dc:subject", "digiKam:TagsList"] {
      #expect(
        leaves[field + "[1]"] == "dog" && leaves[field + "[2]"] == "grass" && leaves[field + "[3]"] == nil)
    }
    #expect(leaves["xmp:CreatorTool"] == "Narrate 0.1.0" && leaves["narrate:model"] == "caption-everyday")
    #expect(leaves["narrate:confidence"] == "0.6123")
    #expect(try contents("photo.jpg") == "jpeg")
  }

  @Test func anExistingOneOfEitherKindIsUsed() throws {
    try folder.write(rich, "photo.xmp")
    #expect(try Sidecars(existing: .append).write(text, for: picture) == .written)
    #expect(try folder.contents == ["photo.jpg", "photo.xmp"])
    try FileManager.default.removeItem(atPath: folder.path("photo.xmp"))
    try folder.write(rich, "photo.jpg.xmp")
    #expect(try Sidecars(name: .stem, existing: .append).write(text, for: picture) == .written)
    #expect(try folder.contents == ["photo.jpg", "photo.jpg.xmp"])
    try FileManager.default.removeItem(atPath: folder.path("photo.jpg.xmp"))
    #expect(try Sidecars(name: .stem).write(text, for: picture) == .written)
    #expect(try folder.contents == ["photo.jpg", "photo.xmp"])
  }

  @Test(arguments: ExistingText.allCases) func whatIsThereStays(_ existing: ExistingText) throws {
    try folder.write(rich, "photo.jpg.xmp")
    let place = GivenPath(folder.path("photo.jpg.xmp"))
    let before = try Sidecars.leaves(of: place)
    #expect(try Sidecars(existing: existing).write(text, for: picture) == .written)
    let after = try Sidecars.leaves(of: place)
    let changed: [String: String] =
      switch existing {
      case .skip: [:]
      case .overwrite:
        [
          "dc:description[1]": text.caption, "dc:subject[1]": "dog", "dc:subject[2]": "grass",
        ]
      case .append: ["dc:description[1]": "Hund\n" + text.caption]
      }
    for (path, value) in before { #expect(after[path] == changed[path] ?? value, "\(path)") }
    #expect(after["dc:description[2]/?xml:lang"] == "de" && after["dc:description[2]"] == "Mein Hund")
    #expect((after["dc:description[3]"] == text.caption) == (existing != .skip))
    #expect((after["dc:subject[3]"] == "grass") == (existing == .append) && after["dc:subject[4]"] == nil)
    #expect(after["Iptc4xmpCore:AltTextAccessibility[1]"] == text.caption)
    #expect(after["xmp:CreatorTool"] == "Camera 1.2")
    // Of two languages, exempi takes the second for a copy of the first.
    let bytes = try contents("photo.jpg.xmp")
    for text in ["Mein Hund", "Titel", "Title", "mine"] { #expect(bytes.contains(">\(text)</rdf:li>")) }
    #expect(!bytes.contains("x-narrate"))
  }

  /// The same properties as before; and what was made is gone.
  @Test(arguments: ExistingText.allCases) func undoTakesBackWhatWasWritten(_ existing: ExistingText) throws {
    let place = GivenPath(folder.path("photo.jpg.xmp"))
    for start in [rich, foreign("<xmp:Rating>1</xmp:Rating>")] {
      try folder.write(start, "photo.jpg.xmp")
      let before = try Sidecars.leaves(of: place)
      let sidecars = Sidecars(existing: existing)
      _ = try sidecars.write(text, for: picture)
      // Another model's text takes the place of the first one's.
      var other = text
      (other.caption, other.keywords) = ("a cat", ["cat", "grass"])
      _ = try sidecars.write(other, for: picture)
      #expect(try Sidecars.leaves(of: place) != before)
      #expect(try Sidecars.undo(place))
      #expect(try Sidecars.leaves(of: place) == before)
      #expect(try !Sidecars.undo(place))
    }
    try FileManager.default.removeItem(atPath: folder.path("photo.jpg.xmp"))
    _ = try Sidecars(existing: existing).write(text, for: picture)
    _ = try Sidecars(existing: existing).write(text, for: picture)
    #expect(try Sidecars.undo(place))
    #expect(try folder.contents == ["photo.jpg"])
  }

  @Test func undoLeavesWhatSomebodyWroteSince() throws {
    let place = GivenPath(folder.path("photo.jpg.xmp"))
    _ = try Sidecars().write(text, for: picture)
    let edited = try contents("photo.jpg.xmp").replacingOccurrences(
      of: "<rdf:li>grass</rdf:li>", with: "<rdf:li>grass</rdf:li><rdf:li>Rex</rdf:li>"
    ).replacingOccurrences(
      of: "xml:lang=\"en\">a dog on &lt;grass&gt; &amp; \"stones\"", with: "xml:lang=\"en\">Rex at home")
    try folder.write(edited, "photo.jpg.xmp")
    #expect(try Sidecars.undo(place))
    let leaves = try Sidecars.leaves(of: place)
    #expect(Set(leaves.values) == ["Rex", "Rex at home", "en"])
  }

  @Test func theSameAgainChangesNoByte() throws {
    for existing in ExistingText.allCases {
      _ = try Sidecars(existing: existing).write(text, for: picture)
      let first = try contents("photo.jpg.xmp")
      _ = try Sidecars(existing: existing).write(text, for: picture)
      #expect(try contents("photo.jpg.xmp") == first)
    }
    #expect(try Sidecars().write(text, for: picture) == .kept)
  }

  @Test(arguments: [
    "", "no XML", "<svg xmlns='http://www.w3.org/2000/svg'/>", "{\"a\":1}", "\u{0}\u{1}",
    #"<!DOCTYPE a [<!ENTITY b "bbb">]><a>&b;</a>"#,
    #"<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">"#,
    #"<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">&auml;</rdf:RDF>"#,
    #"<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" a=b></rdf:RDF>"#,
    #"<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"></rdf:RDF>"#,
    #"<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><a:b/></rdf:RDF>"#,
    #"<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"></rdf:RDF>&"#,
    #"<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"/><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"/>"#,
    #"<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">&#0;</rdf:RDF>"#,
    #"<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" a="<"/>"#,
    #"<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"></rdf:Rdf>"#,
    #"<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><a/><<</rdf:RDF>"#,
  ])
  func whatIsNoXMPStaysAsItIs(_ bytes: String) throws {
    try folder.write(bytes, "photo.jpg.xmp")
    let error = #expect(throws: MetadataError.self) {
      try Sidecars(existing: .overwrite).write(text, for: picture)
    }
    #expect(error?.description.hasPrefix(folder.path("photo.jpg.xmp") + ": is no XMP") == true)
    #expect(try contents("photo.jpg.xmp") == bytes)
  }

  @Test func deepAndOtherXMLIsRefused() throws {
    let deep = foreign(
      String(repeating: "<mine:a rdf:parseType=\"Resource\">", count: 100_000)
        + String(repeating: "</mine:a>", count: 100_000))
    try folder.write(deep, "photo.jpg.xmp")
    #expect(throws: MetadataError.self) { try Sidecars().write(text, for: picture) }
    try folder.write(
      Data(
        foreign("<xmp:Label>\u{FC}</xmp:Label>").unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) }),
      "photo.jpg.xmp")
    #expect(throws: MetadataError.self) { try Sidecars().write(text, for: picture) }
  }

  @Test func anotherPicturesSidecarStays() throws {
    let raw = foreign("<photoshop:SidecarForExtension>CR2</photoshop:SidecarForExtension>")
    try folder.write(raw, "photo.xmp")
    #expect(try Sidecars().write(text, for: picture) == .written)
    #expect(try folder.contents == ["photo.jpg", "photo.jpg.xmp", "photo.xmp"])
    #expect(try contents("photo.xmp") == raw)
    try FileManager.default.removeItem(atPath: folder.path("photo.jpg.xmp"))
    let error = #expect(throws: MetadataError.self) { try Sidecars(name: .stem).write(text, for: picture) }
    #expect(error?.description == folder.path("photo.xmp") + ": belongs to another picture, photo.CR2")
    // Two pictures of one stem.
    try FileManager.default.removeItem(atPath: folder.path("photo.xmp"))
    try folder.write("png", "photo.png")
    #expect(try Sidecars(name: .stem).write(text, for: picture) == .written)
    #expect(throws: MetadataError.self) {
      try Sidecars(name: .stem, existing: .overwrite).write(text, for: GivenPath(folder.path("photo.png")))
    }
    // A name within, of a picture that is there; one that is not there is an earlier name of the same.
    let named = foreign("<crs:RawFileName>other.jpg</crs:RawFileName>")
    try folder.write(named, "photo.jpg.xmp")
    #expect(try Sidecars().write(text, for: picture) == .written)
    try folder.write(named, "photo.jpg.xmp")
    try folder.write("jpeg", "other.jpg")
    #expect(throws: MetadataError.self) { try Sidecars().write(text, for: picture) }
  }

  @Test func readOnlyFoldersAndNamesThatAreNoText() throws {
    try folder.write(rich, "photo.jpg.xmp")
    try FileManager.default.setAttributes(
      [.posixPermissions: 0o444], ofItemAtPath: folder.path("photo.jpg.xmp"))
    let error = #expect(throws: MetadataError.self) {
      try Sidecars(existing: .append).write(text, for: picture)
    }
    #expect(error?.description == folder.path("photo.jpg.xmp") + ": is read-only")
    try FileManager.default.removeItem(atPath: folder.path("photo.jpg.xmp"))
    try FileManager.default.createDirectory(
      atPath: folder.path("photo.jpg.xmp"), withIntermediateDirectories: true)
    #expect(throws: FileError.self) { try Sidecars().write(text, for: picture) }
    let odd = GivenPath(bytes: Array(folder.path.utf8) + Array("/a\n\"".utf8) + [0xFF] + Array(".jpg".utf8))
    #expect(try Sidecars(name: .stem).write(text, for: odd) == .written)
    #expect(GivenPath(bytes: odd.bytes.dropLast(3) + Array("xmp".utf8)).location.kind == .regular)
  }
}
