import Media
import Testing

@Suite struct MediaErrorTests {
  static let all: [(MediaError, String)] = [
    (.missing(path: "a.jpg"), "missing"), (.unreadable(path: "a.jpg", reason: "why"), "unreadable"),
    (.unsupported(path: "a.jpg", reason: "why"), "unsupported"),
    (.undecodable(path: "a.jpg", reason: "why"), "undecodable"),
    (.tooLarge(path: "a.jpg", reason: "why"), "too-large"), (.empty(path: "a.jpg"), "empty"),
  ]

  @Test(arguments: all)
  func kindsAreThoseOfTheInterface(error: MediaError, kind: String) {
    #expect(error.kind.rawValue == kind)
    #expect(error.path == "a.jpg")
    #expect(error.description.hasPrefix("a.jpg: "))
    #expect(error.description.contains("why") == error.reason.contains("why"))
  }

  @Test func descriptionIsOneLineSafeForATerminal() {
    let error = MediaError.unsupported(path: "a\n\u{1B}[31mb\u{7F}\u{2028}\u{202E}é😀.jpg", reason: "x\ty")
    let bad = "\u{FFFD}"
    #expect(error.description == "a\(bad)\(bad)[31mb\(bad)\(bad)\(bad)é😀.jpg: x\(bad)y")
    #expect(error.path.contains("\n"), "the path itself stays as it is")
  }
}
