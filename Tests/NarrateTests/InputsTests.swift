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

/// Kinds without a beginning of their own are known by their names, unless what is in them is text.
@Test func kindsWithoutASignatureAreFoundByTheirNames() throws {
  let folder = try TemporaryFolder()
  let packets = (0..<8).flatMap { _ in [0x47] + [UInt8](repeating: 0x10, count: 187) }
  let timed = (0..<8).flatMap { _ in [0, 0, 0, 0, 0x47] + [UInt8](repeating: 0x10, count: 187) }
  let unit: [UInt8] = [0, 0, 0, 1, 0x67, 0x42]
  for (name, bytes) in [
    ("a.ts", packets), ("b.MTS", timed), ("c.h264", unit), ("d.264", unit), ("e.hevc", unit), ("f.m2v", unit),
    ("g.mpv", unit), ("h.y4m", Array("YUV4MPEG2 W2 H2\n".utf8)), ("i.ivf", Array("DKIF".utf8) + unit),
    ("j.obu", [0x12, 0]), ("k.M2TS", timed), ("stream", packets),
  ] { try folder.write(bytes, name) }
  for name in ["l.heic", "m.tga", "n.CR3", "o.psd"] { try folder.write([0, 0, 2, 0, 9] as [UInt8], name) }
  try folder.write("P3 1 1 255 0 0 0", "p.ppm")
  try folder.write("export const answer = 42;\n", "code.ts")
  try folder.write("notes", "notes.txt")
  try folder.write([0, 1, 2] as [UInt8], "library.so")
  try folder.write("<html>not found</html>", "q.heic")
  try folder.write("", "r.mp4")
  func found(_ wanted: Inputs.Wanted) -> (names: [String], passedOver: [String]) {
    var passedOver: [String] = []
    let inputs = Inputs.find([GivenPath(folder.path)], recursive: true, wanted) {
      passedOver.append($0.location.lastComponent?.string ?? "")
    }
    return (inputs.map { $0.path.location.lastComponent?.string ?? "" }, passedOver)
  }
  let videos = [
    "a.ts", "b.MTS", "c.h264", "d.264", "e.hevc", "f.m2v", "g.mpv", "h.y4m", "i.ivf", "j.obu", "k.M2TS",
  ]
  #expect(found(.video) == (videos + ["stream"], ["r.mp4"]))
  let stills = ["l.heic", "m.tga", "n.CR3", "o.psd", "p.ppm"]
  let all = (videos + stills + ["stream"]).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  #expect(found(.picturesAndVideos) == (all, ["q.heic", "r.mp4"]))
}

@Test func whatIsPassedOverIsTold() async throws {
  let folder = try TemporaryFolder()
  for name in ["a.jpg", "b.jpg", "c.png", "d.gif", "e.txt"] { try folder.write("words", "d/\(name)") }
  let result = try await shell("$narrate caption -r d", in: folder)
  #expect(result.status == 1)
  #expect(
    result.errors == """
      narrate: warning: 4 files passed over, named like a picture or video and beginning like none: d/a.jpg, d/b.jpg, d/c.png, …
      narrate: d: no picture or video in this folder

      """)
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
    "x/a.jpg", "y/a.png", "a", folder.path + "/c.png", "-", "a-2.jpg", "b.c/d.e.jpg", "x/.hidden", "dot.",
    "mine.jpg",
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
