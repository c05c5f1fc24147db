import Foundation
import Language
import Testing

@Suite struct PTBTokenizerTests {
  /// Against `pycocoevalcap`: `Fixtures/make_ptb.py`.
  @Test func equalsTheReference() throws {
    let url = try #require(Bundle.module.url(forResource: "Fixtures/ptb", withExtension: "tsv"))
    let lines = try String(contentsOf: url, encoding: .utf8).split(separator: "\n")
    #expect(lines.count > 50)
    for line in lines {
      let columns = line.split(separator: "\t", omittingEmptySubsequences: false)
      #expect(PTBTokenizer.words(String(columns[0])).joined(separator: " ") == columns[1], "\(columns[0])")
    }
  }

  @Test func aLineEndIsASpace() {
    #expect(PTBTokenizer.words("a dog\nruns\r\n") == ["a", "dog", "runs"])
    #expect(PTBTokenizer.words("") == [])
    #expect(PTBTokenizer.words(" .,;?'\"- ") == [])
  }

  /// Each was looked through to its end at every word: some ten minutes for all, now well under a second for each.
  @Test(arguments: [
    "a,", "é,", "a+", "<", ">", "@", "a@-", "<a x='y", "<a x=\"='=\" ", "%", "'s", "a.-", "no. ", "--a",
  ]) func isLinear(unit: String) {
    let clock = ContinuousClock()
    // A run at whose end something stands that would have made one token of it.
    for end in ["", "@" + String(repeating: "-", count: 100_000)] {
      let taken = clock.measure { _ = PTBTokenizer.words(String(repeating: unit, count: 100_000) + end) }
      #expect(taken < .seconds(5))
    }
  }

  @Test func longRunsAreTheTokensThatTheyWere() {
    #expect(PTBTokenizer.words("a,b,c-d e,f") == ["a,b,c-d", "e", "f"])
    #expect(PTBTokenizer.words("a+b+c@d.org x+y") == ["a+b+c@d.org", "x", "+", "y"])
    #expect(PTBTokenizer.words("a+b@. c") == ["a", "+", "b", "@", "c"])
    #expect(PTBTokenizer.words("<<< >> @@a #a ##") == ["<<", "<", ">>", "@", "@a", "#a", "##"])
    #expect(PTBTokenizer.words("<a href=\"x y\"> b") == ["<a", "href=\"x", "y\">", "b"])
  }

  @Test func endsOnAnything() {
    // Every pair and triple of these: no token may be empty, and the scanner must come to its end.
    let parts = [
      "a", "N", "5", "'", "\u{2019}", "-", ".", ",", "/", "<", ">", "=", "\"", "&", "(", ":", "@", "_", "é",
      "t", "\u{0}",
    ]
    for first in parts {
      for second in parts {
        for third in parts {
          let words = PTBTokenizer.words(first + second + third)
          #expect(words.allSatisfy { !$0.isEmpty && !$0.contains(" ") })
        }
      }
    }
  }
}
