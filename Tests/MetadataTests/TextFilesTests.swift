import Files
import Foundation
import Metadata
import TestSupport
import Testing

@Suite struct TextFilesTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func path(_ name: String) -> GivenPath { GivenPath(folder.path(name)) }
  private func contents(_ name: String) throws -> String {
    try String(contentsOfFile: folder.path(name), encoding: .utf8)
  }

  @Test func aTextFileBesideEachPicture() throws {
    var files = TextFiles()
    #expect(try files.write("a dog", for: path("a.b.jpg")) == .written)
    #expect(try files.write("a cat", for: path("noSuffix")) == .written)
    #expect(try folder.contents == ["a.b.txt", "noSuffix.txt"])
    #expect(try contents("a.b.txt") == "a dog\n")
    #expect(throws: MetadataError.self) { try files.write("a cat", for: path("a.b.png")) }
    #expect(throws: MetadataError.self) { try files.write("a cat", for: path("c.txt")) }
    #expect(try contents("a.b.txt") == "a dog\n")
  }

  @Test func whatIsThere() throws {
    for (existing, expected) in [
      (ExistingText.skip, "rex, garden\r\n"), (.overwrite, "a dog\n"), (.append, "rex, garden, a dog\n"),
    ] {
      try folder.write("rex, garden\r\n", "a.txt")
      for _ in 0..<2 {
        var files = TextFiles(existing: existing)
        _ = try files.write("a dog", for: path("a.jpg"))
        #expect(try contents("a.txt") == expected)
      }
    }
    try folder.write(" \n", "a.txt")
    var files = TextFiles()
    #expect(try files.write("a dog", for: path("a.jpg")) == .written)
    try folder.write([0xFF, 0xFE, 0x41], "b.txt")
    #expect(throws: MetadataError.self) { try files.write("a dog", for: path("b.jpg")) }
    try FileManager.default.createDirectory(atPath: folder.path("c.txt"), withIntermediateDirectories: true)
    #expect(throws: FileError.self) { try files.write("a dog", for: path("c.jpg")) }
    try FileManager.default.setAttributes([.posixPermissions: 0o444], ofItemAtPath: folder.path("a.txt"))
    var writing = TextFiles(existing: .overwrite)
    #expect(throws: MetadataError.self) { try writing.write("a cat", for: path("a.jpg")) }
    #expect(try contents("a.txt") == "a dog\n")
  }
}

@Test func captionsAreCutAtWordsAndSayNothingOfThemselves() {
  func text(_ caption: String, _ length: Int? = nil) -> String {
    CaptionWording(maximumLength: length).text(caption)
  }
  #expect(text("a picture of a dog on a wall") == "a dog on a wall")
  #expect(text("this image shows a dog") == "a dog")
  #expect(text("a picture on a wall") == "a picture on a wall")
  #expect(text("a black and white photo of a dog") == "a black and white photo of a dog")
  let long = "a man in a red shirt is standing next to a brown horse"
  #expect(text(long, 54) == long && text(long, 53) == "a man in a red shirt is standing")
  #expect(text(long, 34) == "a man in a red shirt is standing" && text(long, 23) == "a man in a red shirt")
  #expect(text(long, 17) == "a man")
  #expect(text("antidisestablishmentarianism", 20).isEmpty)
  let framed = CaptionWording(prefix: "photo: ", suffix: ".", maximumLength: 20)
  #expect(framed.text(long) == "photo: a man.")
  for length in 20...60 { #expect(framed.text(long).count <= 20 && text(long, length).count <= length) }
}
