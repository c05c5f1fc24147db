import Files
import Foundation
import Narration
import Reports
import SystemPackage
import TestSupport
import Testing
import narrate

private let jpeg = Data([0xFF, 0xD8, 0xFF, 0xE0])
private let png = Data([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0])

private func find(_ paths: [String], recursive: Bool) -> [Input] {
  Inputs.find(paths.map(GivenPath.init(argument:)), recursive: recursive)
}

@Test func foldersGiveTheirPicturesInOrder() throws {
  let folder = try TemporaryFolder()
  for name in ["b/2", "b/10", "c.txt", "a.jpg"] { try folder.write(jpeg, name) }
  try folder.write(png, "b.png")
  try folder.write("words", "words.jpg")
  try folder.write("", "empty.png")
  try folder.write(png.prefix(7), "cut.png")
  try FileManager.default.createSymbolicLink(
    atPath: folder.path + "/b/loop", withDestinationPath: folder.path)
  try FileManager.default.createSymbolicLink(
    atPath: folder.path + "/link", withDestinationPath: folder.path + "/a.jpg")
  let found = find([folder.path, folder.path + "/words.jpg", "none"], recursive: true)
  let names = ["a.jpg", "b/10", "b/2", "b.png", "c.txt", "link", "words.jpg"]
  #expect(found == (names.map { folder.path + "/" + $0 } + ["none"]).map { Input(GivenPath(argument: $0)) })
}

@Test func foldersThatGiveNothing() throws {
  let folder = try TemporaryFolder()
  #expect(find([folder.path], recursive: false).first?.failure?.kind == .unsupported)
  #expect(find([folder.path + "/"], recursive: true).first?.failure?.kind == .empty)
}

@Test func pathsAreToldAsTheyWereGiven() throws {
  let folder = try TemporaryFolder()
  try folder.write(jpeg, "b/a.jpg")
  for given in ["//", "/b/", "/./b//", "//b/a.jpg", "/b/a.jpg/"] {
    let found = find([folder.path + given], recursive: true).map(\.path.text)
    let name = given == "//" ? "b/a.jpg" : given.contains("a.jpg") ? "" : "a.jpg"
    #expect(found == [folder.path + given + name])
  }
}

@Test func stripsHaveNamesOfTheirOwn() throws {
  let folder = try TemporaryFolder()
  try folder.write(png, "c.png")
  // What is there and was not made by a run stays, whether it is read or not.
  try folder.write("mine", "mine.png")
  symlink("nowhere", folder.path + "/dangling.png")
  let inputs = [
    "x/a.jpg", "y/a.png", "a", folder.path + "/c.png", "-", "a-2.jpg", "b.c/d.e.jpg", "x/.hidden", "dot.", "mine.jpg",
    "dangling.jpg",
  ].map(GivenPath.init(argument:))
  var strips = try AttentionFolder(GivenPath(argument: folder.path), inputs: inputs)
  let names = inputs.map { strips.location(for: $0).text.dropFirst(folder.path.count + 1) }
  #expect(
    names == [
      "a.png", "a-2.png", "a-3.png", "c-2.png", "stdin.png", "a-2-2.png", "d.e.png", ".hidden.png", "dot.png",
      "mine-2.png", "dangling-2.png",
    ])
  // In another encoding than UTF-8.
  let name: [UInt8] = Array("caf".utf8) + [0xE9]
  let strip = strips.location(for: GivenPath("x").appending(name + Array(".jpg".utf8)))
  #expect(strip == GivenPath(folder.path).appending(name + Array(".png".utf8)))
}

/// A strip of an earlier run is replaced, unless it is an input now.
@Test func stripsReplaceStrips() throws {
  let folder = try TemporaryFolder()
  let (place, input) = (GivenPath(folder.path), GivenPath("a.jpg"))
  let picture = Array(png) + [UInt8](repeating: 7, count: 40)
  for _ in 0..<2 {
    var strips = try AttentionFolder(place, inputs: [input])
    try strips.write(picture, for: input)
    #expect(try folder.contents == ["a.png"])
  }
  let strip = place.appending(Array("a.png".utf8))
  var strips = try AttentionFolder(place, inputs: [strip])
  #expect(strips.location(for: strip) == place.appending(Array("a-2.png".utf8)))
}

@Test func theFolderOfStripsIsMade() throws {
  let folder = try TemporaryFolder()
  _ = try AttentionFolder(GivenPath(argument: folder.path + "/new/deep"), inputs: [])
  #expect(FilePath(folder.path + "/new/deep").isFolder)
  try folder.write("x", "file")
  #expect(throws: FileError(.open, path: folder.path + "/file", code: ENOTDIR)) {
    try AttentionFolder(GivenPath(argument: folder.path + "/file/deep"), inputs: [])
  }
}

@Test func argumentsThatAreNotUTF8KeepTheirBytes() {
  let bytes: [UInt8] = [0x61, 0xFF, 0xC3, 0xA9, 0xC3]
  #expect(GivenPath(argument: GivenPath.escaped(bytes)).bytes == bytes)
  #expect(GivenPath.escaped(Array("é🐕".utf8)) == "é🐕")
}
