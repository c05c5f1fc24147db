import Foundation
import Language
import Testing

@Suite struct NormalizedWordsTests {
  /// What the trainer sees of captions as people write them.
  @Test(arguments: [
    ("A child in a pink dress .", "a child in a pink dress"),
    ("The man's T-shirt says \"Hello!\"", "the mans t shirt says hello"),
    ("  Two   dogs,one ball;3.5 m ", "two dogs one ball 3 5 m"),
    ("caf\u{e9} & cr\u{e8}me", "caf\u{e9} cr\u{e8}me"),
    ("Ein Mädchen im weißen Kleid – „Öl“", "ein mädchen im weißen kleid öl"),
    ("une fille d\u{2019}Orsay, e\u{301}te\u{301}", "une fille dorsay \u{e9}t\u{e9}"),
    ("Um cão no chão, 2€", "um cão no chão 2"), ("白い犬。", "白い犬"),
    ("don't DON'T", "dont dont"), ("...", ""), ("", ""),
  ])
  func words(caption: String, expected: String) {
    #expect(normalizedWords(caption).joined(separator: " ") == expected)
  }
}

@Suite struct VocabularyTests {
  private let captions = ["a dog runs", "a dog sits", "the cat sits", "a cat"].map(normalizedWords)

  @Test func wordsAreCountedAndSorted() {
    let vocabulary = Vocabulary(captions: captions, minimumCount: 2)
    #expect(vocabulary.words == ["<pad>", "<bos>", "<eos>", "<unk>", "a", "cat", "dog", "sits"])
    #expect(vocabulary.encode(["a", "dog", "runs"], maximumWords: 20) == [1, 4, 6, 3, 2])
    #expect(vocabulary.encode(["a", "dog", "sits"], maximumWords: 2) == [1, 4, 6, 2])
    #expect(vocabulary.word(7) == "sits")
  }

  @Test func theFileRoundTrips() throws {
    let vocabulary = Vocabulary(captions: captions, minimumCount: 1)
    #expect(
      try Vocabulary(decoding: vocabulary.encoded, path: "v", expectedCount: vocabulary.count) == vocabulary)
  }

  @Test(arguments: [
    ("<pad>\n<bos>\n<eos>\n<unk>\na\na\n", "line 6 repeats line 5"),
    ("<pad>\n<bos>\n<eos>\n<unk>\n\nb\n", "line 5"),
    ("<pad>\n<bos>\n<eos>\n<unk>\na b\nc\n", "line 5"), ("<pad>\n<eos>\n<bos>\n<unk>\na\nb\n", "first lines"),
    ("<pad>\n<bos>\n<eos>\n<unk>\na\n", "5 words"), ("", "0 words"),
  ])
  func damagedFilesAreNamed(text: String, reason: String) throws {
    #expect { try Vocabulary(decoding: text.utf8, path: "v.txt", expectedCount: 6) } throws: { error in
      "\(error)".contains(reason) && "\(error)".hasPrefix("v.txt: ")
    }
  }

  @Test func bytesThatAreNotTextAreNamed() throws {
    #expect { try Vocabulary(decoding: [0x3c, 0xff, 0xfe], path: "v", expectedCount: 1) } throws: {
      "\($0)".contains("UTF-8")
    }
  }
}
