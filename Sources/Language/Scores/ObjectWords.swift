/// Which words of a caption name which things: what `CaptionTruth` counts.
package struct ObjectWords: Sendable, Equatable {
  /// A line that breaks the table's rules.
  package struct Problem: Error, Equatable {
    /// Counted from 1.
    package let line: Int
    package let reason: String
  }

  /// The things' names, in the order of the table.
  package let things: [String]
  /// The things that a word, or two with a space between them, may stand for.
  private let named: [String: Set<Int>]

  /// The table of English, `objects.txt` beside `English`.
  package static let english: ObjectWords = {
    do throws(Problem) {
      return try ObjectWords(String(decoding: PackageResources.objects_txt, as: UTF8.self))
    } catch { preconditionFailure("objects.txt, line \(error.line): \(error.reason)") }
  }()

  /// Reads a table: a thing a line, `hot dog: hot dog, hot dogs, sausage`. What follows `#` is a comment; words without a thing,
  /// `: toy car`, are known to name none.
  package init(_ table: String) throws(Problem) {
    var (things, known, named) = ([String](), Set<String>(), [String: Set<Int>]())
    for (index, line) in table.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
      .enumerated()
    {
      func problem(_ reason: String) -> Problem { Problem(line: index + 1, reason: reason) }
      let text = line.prefix { $0 != "#" }
      guard text.contains(where: { !$0.isWhitespace }) else { continue }
      guard let colon = text.firstIndex(of: ":") else {
        throw problem("no colon between a thing and its words")
      }
      let thing = Self.words(text[..<colon]).joined(separator: " ")
      guard thing.isEmpty || known.insert(thing).inserted else {
        throw problem("\(thing) stands in two lines")
      }
      if !thing.isEmpty { things.append(thing) }
      var mine: Set<String> = []
      for entry in text[text.index(after: colon)...].split(separator: ",", omittingEmptySubsequences: false) {
        let words = Self.words(entry)
        guard 1...2 ~= words.count else {
          throw problem(
            words.isEmpty ? "an empty word" : "more than two words in one: \(words.joined(separator: " "))")
        }
        let name = words.joined(separator: " ")
        guard mine.insert(name).inserted else { throw problem("\(name) stands twice") }
        named[name, default: []].formUnion(thing.isEmpty ? [] : [things.count - 1])
      }
    }
    (self.things, self.named) = (things, named)
  }

  /// A caption's words: runs of the letters a to z, of which two that stand together in the table are one.
  package func words(of caption: String) -> [String] {
    let single = Self.words(caption)
    var (words, index) = ([String](), 0)
    while index < single.count {
      let pair = index + 1 < single.count ? single[index] + " " + single[index + 1] : ""
      let isPair = named[pair] != nil
      words.append(isPair ? pair : single[index])
      index += isPair ? 2 : 1
    }
    return words
  }

  /// The words for one of the things, sorted.
  package func words(for thing: Int) -> [String] { named.filter { $0.value.contains(thing) }.keys.sorted() }

  /// The things that a word may name as the last of two: "dog" in "hot dog".
  package var thingsByLastWord: [String: Set<Int>] {
    named.reduce(into: [:]) { things, name in
      guard let space = name.key.lastIndex(of: " ") else { return }
      things[String(name.key[space...].dropFirst()), default: []].formUnion(name.value)
    }
  }

  /// The things that a word may stand for; empty for one that names none.
  package func things(of word: String) -> Set<Int> { named[word] ?? [] }

  private static func words(_ text: some StringProtocol) -> [String] {
    text.lowercased().utf8.split { !(UInt8(ascii: "a")...UInt8(ascii: "z") ~= $0) }.map {
      String(decoding: $0, as: UTF8.self)
    }
  }

  /// The table as it is read.
  package var text: String {
    var lines = things.map { "\($0):" }
    var none: [String] = []
    for (word, things) in named.sorted(by: { $0.key < $1.key }) {
      if things.isEmpty { none.append(": \(word)") }
      for thing in things { lines[thing] += (lines[thing].hasSuffix(":") ? " " : ", ") + word }
    }
    return (lines + none).map { $0 + "\n" }.joined()
  }
}
