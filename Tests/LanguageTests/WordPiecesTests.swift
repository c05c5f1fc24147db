import Foundation
import Language
import Testing

@Suite struct WordPiecesTests {
  private let pieces = WordPieces(
    ["[PAD]", "[CLS]", "[SEP]", "a", "man", "'", "s", "t", "-", "shirt", "##ing", "walk", ",", "."],
    unwritten: [0, 1, 2])

  private func text(_ sentence: String) -> String {
    pieces.text(sentence.split(separator: " ").map { Int32(pieces.pieces.firstIndex(of: String($0)) ?? 0) })
  }

  @Test(arguments: [
    ("a man walk ##ing [SEP]", "a man walking"), ("[CLS] a man [SEP] [PAD]", "a man"),
    ("a man ' s shirt", "a man's shirt"), ("a t - shirt , a man .", "a t - shirt, a man."),
    ("##ing a", "ing a"), ("' a", "' a"), ("[SEP]", ""), ("", ""),
  ])
  func wordsAreJoined(sentence: String, expected: String) {
    #expect(text(sentence) == expected)
  }

  @Test func aWordKnowsItsPieces() {
    let words = pieces.words([3, 11, 10, 2])
    #expect(words == [.init(text: "a", places: [0]), .init(text: "walking", places: [1, 2])])
  }

  /// What Unicode takes for the end of a line may be a piece.
  @Test func theFileRoundTrips() throws {
    let odd = WordPieces(["a", "\u{2028}", "\u{85}", "b", "##\u{301}"], unwritten: [])
    let read = try WordPieces(decoding: odd.encoded, path: "v", expectedCount: 5, unwritten: [])
    #expect(read == odd)
    #expect(try WordPieces.lines("a\r\nb\r\n".utf8, path: "v") == ["a", "b"])
    #expect(throws: LanguageError.self) {
      try WordPieces(decoding: odd.encoded, path: "v", expectedCount: 4, unwritten: [])
    }
    #expect(throws: LanguageError.self) { try WordPieces.lines([0xFF, 0x0A], path: "v") }
  }
}
