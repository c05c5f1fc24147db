import Files
import Foundation
import SystemPackage
import TestSupport
import Testing

@Suite struct WholeFileTests {
  let folder = try! TemporaryFolder()

  private func text(_ name: String) throws -> String {
    String(decoding: try Data(contentsOf: folder.url.appendingPathComponent(name)), as: UTF8.self)
  }

  @Test func replacesAFileAndKeepsItsRights() throws {
    try WholeFile.write("old".utf8, to: folder.path("a"))
    chmod(folder.path("a"), 0o600)
    try WholeFile.write("new".utf8, to: folder.path("a"))
    #expect(try text("a") == "new")
    let rights = try FileManager.default.attributesOfItem(atPath: folder.path("a"))[.posixPermissions] as? Int
    #expect(rights == 0o600)
    #expect(try folder.contents == ["a"])
    try WholeFile.write([], to: folder.path("empty"))
    #expect(try text("empty") == "")
  }

  @Test func leavesTheOldFileWhenNotCommitted() throws {
    try WholeFile.write("old".utf8, to: folder.path("a"))
    do {
      let file = try WholeFile(FilePath(folder.path("a")))
      try file.write(Array("half".utf8))
      #expect(try folder.contents.count == 2)
    }
    #expect(try text("a") == "old")
    #expect(try folder.contents == ["a"])
  }

  @Test func replacesTheTargetOfALink() throws {
    try folder.write("old".utf8, "real")
    try FileManager.default.createSymbolicLink(atPath: folder.path("link"), withDestinationPath: "real")
    try WholeFile.write("new".utf8, to: folder.path("link"))
    #expect(try text("real") == "new")
    #expect(try FileManager.default.destinationOfSymbolicLink(atPath: folder.path("link")) == "real")
  }

  @Test func namesThePathWhenTheSystemRefuses() throws {
    #expect(throws: FileError(.open, path: folder.path("none/a"), code: ENOENT)) {
      try WholeFile.write([1], to: folder.path("none/a"))
    }
    #expect(throws: FileError(.open, path: folder.url.path, code: EISDIR)) {
      try WholeFile.write([1], to: folder.url.path)
    }
    // The device that is always full.
    let error = #expect(throws: FileError(.write, path: "/dev/full", code: ENOSPC)) {
      try WholeFile.write([1], to: "/dev/full")
    }
    #expect(error?.description == "/dev/full: cannot write: no space left on device")
    try WholeFile.write([1], to: "/dev/null")
    #expect(try folder.contents == [])
  }

  @Test func cleansUpWhenItCannotTakeThePlace() throws {
    #expect(throws: FileError.self) {
      let file = try WholeFile(FilePath(folder.path("a")))
      try file.write([1])
      try FileManager.default.createDirectory(atPath: folder.path("a"), withIntermediateDirectories: false)
      try file.commit()
    }
    #expect(try folder.contents == ["a"])
  }

  @Test func replacesSeveralFilesOrNone() throws {
    let names = ["a", "b", "c"]
    func write(_ text: String) throws {
      try WholeFile.write(names.map { (folder.path($0), Array((text + $0).utf8)) })
    }
    try write("old ")
    #expect(try names.map(text) == ["old a", "old b", "old c"])
    // The last one cannot be written: the others stay as they were.
    try FileManager.default.removeItem(atPath: folder.path("c"))
    try FileManager.default.createDirectory(atPath: folder.path("c"), withIntermediateDirectories: false)
    #expect(throws: FileError(.open, path: folder.path("c"), code: EISDIR)) { try write("new ") }
    #expect(try ["a", "b"].map(text) == ["old a", "old b"])
    #expect(try folder.contents == names)
    try FileManager.default.removeItem(atPath: folder.path("c"))
    try write("new ")
    #expect(try names.map(text) == ["new a", "new b", "new c"])
  }

  @Test func writesWhereTheNameIsNotUTF8() throws {
    let name: [UInt8] = Array("caf".utf8) + [0xE9]
    let path = GivenPath(folder.path).appending(name)
    try WholeFile.write("x".utf8, to: path)
    #expect(path.location.withCString { access($0, R_OK) } == 0)
    #expect(try path.location.parent.entries().map(\.bytes) == [name])
    #expect(try path.withReadableText { try String(contentsOfFile: $0, encoding: .utf8) } == "x")
    #expect(path.location.withCString { unlink($0) } == 0)
  }

  /// What swift-system drops from a path stays in what is said of it, and a slash at the end stays a question for a folder.
  @Test func aPathIsToldAsItWasGiven() throws {
    try folder.write("x", "real")
    let path = folder.path + "//real/"
    #expect(GivenPath(path).text == path)
    #expect(GivenPath(folder.path + "//").location.isFolder && !GivenPath(path).location.isFolder)
    #expect(throws: FileError(.open, path: path, code: ENOTDIR)) { try WholeFile.write([1], to: path) }
    #expect(throws: FileError(.open, path: path, code: ENOTDIR)) { try MappedFile(path) }
    #expect(try MappedFile(folder.path + "//real").bytes.count == 1)
    try WholeFile.write("y".utf8, to: folder.path + "//real")
    #expect(try text("real") == "y")
  }

  @Test func knowsAReaderThatWentAway() {
    #expect(FileError(.write, path: "standard output", code: EPIPE).isReaderGone)
    #expect(!FileError(.write, path: "standard output", code: ENOSPC).isReaderGone)
  }

  @Test func makesFoldersWithThoseAbove() throws {
    try FilePath(folder.path("a/b/c")).makeFolder()
    try FilePath(folder.path("a/b/c")).makeFolder()
    #expect(FilePath(folder.path("a/b/c/")).isFolder)
    try WholeFile.write([], to: folder.path("file"))
    #expect(throws: FileError(.open, path: folder.path("file"), code: ENOTDIR)) {
      try FilePath(folder.path("file")).makeFolder()
    }
  }

  @Test(arguments: [
    ("a/b", "a"), ("a/b/", "a"), ("/a", "/"), ("/", "/"), ("a", "."), ("", "."), ("a//b", "a"),
    ("/a/b", "/a"),
  ])
  func knowsTheFolderOfAPath(path: String, folder: String) {
    #expect(FilePath(path).parent == FilePath(folder))
  }
}
