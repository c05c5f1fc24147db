import Files
import Foundation
import SystemPackage
import TestSupport
import Testing

@Test func whatControlsATerminalIsEscaped() {
  #expect("a dog, ein Hündchen 🐕".escapingControls == "a dog, ein Hündchen 🐕")
  #expect(
    "a\nb\r\t\u{1B}\0\u{7F}\u{85}\u{2028}".escapingControls == #"a\nb\r\t\u{1B}\0\u{7F}\u{0085}\u{2028}"#)
  // Marks that names of right-to-left scripts have stay; what turns all that follows does not.
  #expect("\u{200F}א\u{202E}\u{2067}".escapingControls == "\u{200F}א" + #"\u{202E}\u{2067}"#)
  #expect(
    String.escapingControls([0x61, 0xFF, 0x0A, 0xC3, 0xA9, 0x9B]) == [0x61, 0xFF] + Array(#"\né\x9b"#.utf8))
}

@Test func longTextIsShortenedInItsMiddle() {
  #expect("".shortened() == "" && "dog".shortened(to: 3) == "dog")
  #expect("0123456789".shortened(to: 8) == "01234…89")
  #expect(String(repeating: "x", count: 500).shortened().count == 500)
  #expect(String(repeating: "x", count: 50_000_000).shortened().count == 500)
}

@Suite struct FileIdentityTests {
  let folder = try! TemporaryFolder()

  @Test func allNamesOfAFileShareIt() throws {
    try folder.write("x", "a")
    try folder.write("x", "b")
    link(folder.path("a"), folder.path("hard"))
    symlink("a", folder.path("soft"))
    func identity(_ name: String) -> FileIdentity? { FileIdentity(FilePath(folder.path(name))) }
    let file = try #require(identity("a"))
    #expect(file.isRegular && identity("hard") == file && identity("soft") == file)
    #expect(identity("../\(folder.url.lastPathComponent)//a") == file)
    #expect(identity("b") != file && identity("none") == nil && FileIdentity("/dev/null") == nil)
    let open = try FileDescriptor.open(folder.path("hard"), .readOnly)
    defer { try? open.close() }
    #expect(FileIdentity(open) == file && FileIdentity(FileDescriptor(rawValue: -1)) == nil)
  }

  @Test func aTemporaryFileIsReadByItsPathAndHasNoName() throws {
    var path = ""
    do {
      let file = try TemporaryFile([1, 2])
      try file.append([3])
      path = file.path
      #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == Data([1, 2, 3]))
      #expect(try Data(contentsOf: URL(fileURLWithPath: path)).count == 3)
      let status = try FilePath(path).stat()
      #expect(status.linkCount == 0 && status.permissions.rawValue == 0o600)
    }
    #expect((try? Data(contentsOf: URL(fileURLWithPath: path))) != Data([1, 2, 3]))
  }
}
