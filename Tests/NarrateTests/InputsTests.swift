import Files
import Foundation
import Narration
import Reports
import TestSupport
import Testing
import narrate

private let jpeg = Data([0xFF, 0xD8, 0xFF, 0xE0])
private let png = Data([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0])

private func find(_ paths: [String], recursive: Bool) -> [Input] {
  Inputs.find(paths.map(FilePath.init(argument:)), recursive: recursive)
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
  #expect(found == (names.map { folder.path + "/" + $0 } + ["none"]).map { Input(FilePath(argument: $0)) })
}

@Test func foldersThatGiveNothing() throws {
  let folder = try TemporaryFolder()
  #expect(find([folder.path], recursive: false).first?.failure?.kind == .unsupported)
  #expect(find([folder.path + "/"], recursive: true).first?.failure?.kind == .empty)
}

@Test func stemsAndNames() {
  func stem(_ path: String) -> String { FilePath(argument: path).stem.text }
  #expect(stem("a/b.c/d.e.jpg") == "d.e")
  #expect(stem(".hidden") == ".hidden")
  #expect(stem("a/b/") == "b")
  #expect(stem("none") == "none")
}

@Test func stripsHaveNamesOfTheirOwn() throws {
  let folder = try TemporaryFolder()
  try folder.write(png, "c.png")
  let inputs = ["x/a.jpg", "y/a.png", "a", folder.path + "/c.png", "-", "a-2.jpg"].map(
    FilePath.init(argument:))
  var strips = try AttentionFolder(FilePath(argument: folder.path), inputs: inputs)
  let names = inputs.map { strips.location(for: $0).text.dropFirst(folder.path.count + 1) }
  #expect(names == ["a.png", "a-2.png", "a-3.png", "c-2.png", "stdin.png", "a-2-2.png"])
}

@Test func theFolderOfStripsIsMade() throws {
  let folder = try TemporaryFolder()
  _ = try AttentionFolder(FilePath(argument: folder.path + "/new/deep"), inputs: [])
  #expect(FilePath(folder.path + "/new/deep").isFolder)
  try folder.write("x", "file")
  #expect(throws: FileError(.open, path: folder.path + "/file", code: ENOTDIR)) {
    try AttentionFolder(FilePath(argument: folder.path + "/file/deep"), inputs: [])
  }
}

@Test func argumentsThatAreNotUTF8KeepTheirBytes() {
  let bytes: [UInt8] = [0x61, 0xFF, 0xC3, 0xA9, 0xC3]
  #expect(FilePath(argument: FilePath.escaped(bytes)).bytes == bytes)
  #expect(FilePath.escaped(Array("é🐕".utf8)) == "é🐕")
}
