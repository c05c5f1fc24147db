import Files
import Foundation
import SystemPackage
import TestSupport
import Testing

/// What killed processes leave, and what others are writing.
@Suite struct UnfinishedTests {
  let folder = try! TemporaryFolder()
  /// More than any process's number.
  private let nobody = 4_194_999

  @Test func leftoversOfTheDeadGoAndNothingElse() throws {
    let random = "0123456789abcdef"
    let leftovers = ["a.part-\(nobody)-\(random)", "a.part-\(nobody)-fedcba9876543210"]
    let others = [
      "a.part-\(getpid())-\(random)", "a.part-\(nobody)-12", "a.part-1-2", "b.part-\(nobody)-\(random)",
      "a.part-\(nobody)-\(random)0", "a.part-x-\(random)", "xa.part-\(nobody)-\(random)", "a.part", "c",
    ]
    for name in leftovers + others { try folder.write("half", name) }
    symlink("c", folder.path("a.part-\(nobody)-1111111111111111"))
    try WholeFile.write("whole".utf8, to: folder.path("a"))
    #expect(try Set(folder.contents) == Set(others + ["a", "a.part-\(nobody)-1111111111111111"]))
    // Another process in another container has numbers of its own, but the same locks.
    let held = "d.part-\(nobody)-\(random)"
    try folder.write("half", "new/\(held)")
    let file = try FileDescriptor.open(folder.path("new/\(held)"), .readOnly)
    #expect(flock(file.rawValue, LOCK_EX | LOCK_NB) == 0)
    try WholeFile.write("whole".utf8, to: folder.path("new/d"))
    #expect(try folder.contents(of: "new") == ["d", held])
    try file.close()
  }

  @Test func aFolderIsMadeBesideItsPlace() throws {
    try folder.write("half", "out.part-\(nobody)-0123456789abcdef/keyframes/1.jpg")
    let target = FilePath(folder.path("out"))
    do {
      let part = try UnfinishedFolder(of: target, knownAs: "out")
      #expect(part.path.isFolder && part.path.parent == target.parent)
      #expect(try folder.contents == [part.path.lastComponent?.string ?? ""])
    }
    #expect(try folder.contents == [])
    try folder.write("old", "out/a")
    try folder.write("old", "out/.part-\(nobody)-4294967295/old/a")
    try folder.write("old", "out/.part-\(getpid())-4294967295/a")
    #expect(Unfinished.abandoned(in: target).map(\.string) == [".part-\(nobody)-4294967295"])
  }

  @Test func foldersChangePlacesInOneStep() throws {
    try folder.write("old", "a/x")
    try folder.write("new", "b/x")
    #expect(chmod(folder.path("a"), 0o2750) == 0)
    let (a, b) = (FilePath(folder.path("a")), FilePath(folder.path("b")))
    #expect(b.takeRights(of: a))
    let old = try b.exchange(with: a, aside: FilePath(folder.path("aside")), knownAs: "a")
    #expect(try Data(contentsOf: URL(fileURLWithPath: folder.path("a/x"))) == Data("new".utf8))
    #expect(try Data(contentsOf: URL(fileURLWithPath: old.string + "/x")) == Data("old".utf8))
    #expect(try a.stat().permissions.rawValue == 0o2750)
    #expect(throws: FileError(.replace, path: "c", code: ENOENT)) {
      _ = try b.exchange(
        with: FilePath(folder.path("c")), aside: FilePath(folder.path("aside")), knownAs: "c")
    }
  }
}
