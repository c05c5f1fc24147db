import Foundation
import Testing
import Training

@Suite struct AtomicFileTests {
  let folder = try! TemporaryFolder()

  private func text(_ name: String) throws -> String {
    String(decoding: try Data(contentsOf: folder.url.appendingPathComponent(name)), as: UTF8.self)
  }

  @Test func replacesAFileAndKeepsItsRights() throws {
    try AtomicFile.write("old".utf8, to: folder.path("a"))
    chmod(folder.path("a"), 0o600)
    try AtomicFile.write("new".utf8, to: folder.path("a"))
    #expect(try text("a") == "new")
    let rights = try FileManager.default.attributesOfItem(atPath: folder.path("a"))[.posixPermissions] as? Int
    #expect(rights == 0o600)
    #expect(try folder.contents == ["a"])
    try AtomicFile.write([], to: folder.path("empty"))
    #expect(try text("empty") == "")
  }

  @Test func leavesTheOldFileWhenNotCommitted() throws {
    try AtomicFile.write("old".utf8, to: folder.path("a"))
    do {
      let file = try AtomicFile(folder.path("a"))
      try file.write(Array("half".utf8))
      #expect(try folder.contents.count == 2)
    }
    #expect(try text("a") == "old")
    #expect(try folder.contents == ["a"])
  }

  @Test func replacesTheTargetOfALink() throws {
    try folder.write("old".utf8, "real")
    try FileManager.default.createSymbolicLink(atPath: folder.path("link"), withDestinationPath: "real")
    try AtomicFile.write("new".utf8, to: folder.path("link"))
    #expect(try text("real") == "new")
    #expect(try FileManager.default.destinationOfSymbolicLink(atPath: folder.path("link")) == "real")
  }

  @Test func namesThePathWhenTheSystemRefuses() throws {
    #expect(throws: FileError(.open, path: folder.path("none/a"), code: ENOENT)) {
      try AtomicFile.write([1], to: folder.path("none/a"))
    }
    #expect(throws: FileError(.open, path: folder.url.path, code: EISDIR)) {
      try AtomicFile.write([1], to: folder.url.path)
    }
    // The device that is always full.
    let error = #expect(throws: FileError(.write, path: "/dev/full", code: ENOSPC)) {
      try AtomicFile.write([1], to: "/dev/full")
    }
    #expect(error?.description == "/dev/full: cannot write: No space left on device")
    try AtomicFile.write([1], to: "/dev/null")
    #expect(try folder.contents == [])
  }

  @Test func cleansUpWhenItCannotTakeThePlace() throws {
    #expect(throws: FileError.self) {
      let file = try AtomicFile(folder.path("a"))
      try file.write([1])
      try FileManager.default.createDirectory(atPath: folder.path("a"), withIntermediateDirectories: false)
      try file.commit()
    }
    #expect(try folder.contents == ["a"])
  }
}
