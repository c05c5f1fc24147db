/// A caption in other words: what it cannot know is left out, or said more carefully.
package struct Rewording: Sendable, Equatable {
  /// A word, and the word of the caption as it was that it stands for.
  package struct Word: Sendable, Equatable {
    package var text: String
    package let source: Int
  }

  package internal(set) var words: [Word]
  private let original: [String]

  /// - Parameter words: in lower case
  package init(_ words: [String]) {
    self.words = words.enumerated().map { Word(text: $1, source: $0) }
    original = words
  }

  package var isChanged: Bool { words.map(\.text) != original }

  /// Leaves out colors: "a red bus" is "a bus", "a black and white dog" is "a white dog" or "a dog".
  package mutating func removeColors(where isDoubtful: (String) -> Bool) {
    var (kept, index) = ([Word](), 0)
    while index < words.count {
      var end = index + 1
      guard English.colors.contains(words[index].text) else {
        kept.append(words[index])
        index = end
        continue
      }
      while end + 1 < words.count, words[end].text == "and", English.colors.contains(words[end + 1].text) {
        end += 2
      }
      let colors = stride(from: index, to: end, by: 2).map { words[$0] }
      let isOfSomething = end < words.count && Self.has(colors, words[end].text, after: kept.last?.text)
      let remaining = isOfSomething ? colors.filter { !isDoubtful($0.text) } : colors
      for (number, color) in remaining.enumerated() {
        if number > 0 { kept.append(Word(text: "and", source: words[index + 1].source)) }
        kept.append(color)
      }
      index = end
    }
    guard kept.count < words.count else { return }
    words = kept
    agreeArticles()
  }

  /// Whether the word after some colors has them, and can do without: in "the sky is red", "a man in black riding a bike", "a tan
  /// and white dog" and "a black and white photo" nothing, or something else, would be left.
  private static func has(_ colors: [Word], _ next: String, after before: String?) -> Bool {
    if English.grammar.contains(next) || English.isParticiple(next) { return false }
    if before == "and" || before == "in" { return false }
    return !(colors.map(\.text) == ["black", "white"] && English.pictures.contains(next))
  }

  /// "a male athlete" becomes "an athlete", and "a oven", as captioners learn to say, "an oven".
  package mutating func agreeArticles() {
    for index in words.indices.dropLast() where ["a", "an"].contains(words[index].text) {
      words[index].text = English.article(before: words[index + 1].text)
    }
  }
}
