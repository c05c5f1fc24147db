extension Rewording {
  /// Does not say of people whether they are men or women, boys or girls: "a person", "people", "a child".
  /// - Parameter sexes: that are not to be told
  package mutating func hide(_ sexes: Set<Sex>) {
    let hidden = sexes.reduce(into: Set<String>()) { $0.formUnion($1.words) }
    guard words.contains(where: { hidden.contains($0.text) }) else { return }
    words = Self.replaced(words) { hidden.contains($0) }
    Self.mergePairs(&words)
    agreeArticles()
  }

  private static let people = [
    "man": "person", "woman": "person", "guy": "person", "gentleman": "person", "lady": "person",
    "men": "people", "women": "people", "guys": "people", "ladies": "people",
    "boy": "child", "girl": "child", "boys": "children", "girls": "children",
    "his": "their", "he": "they", "she": "they",
  ]
  /// How a verb is said of several.
  private static let plurals = ["is": "are", "was": "were", "has": "have", "does": "do"]
  /// What may follow a person who is spoken of as "a male" or "a female".
  private static let followers = Set(
    "is are was were in on at with and or who that wearing standing sitting holding".split(separator: " ")
      .map(String.init))
  private static let counts = [
    "a": 1, "an": 1, "one": 1, "another": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6,
  ]
  private static let numbers = ["two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]

  private static func replaced(_ words: [Word], _ isHidden: (String) -> Bool) -> [Word] {
    var (result, afterPronoun) = ([Word](), false)
    for (index, word) in words.enumerated() {
      let next = index + 1 < words.count ? words[index + 1].text : nil
      let isFollowed = next.map { !followers.contains($0) } ?? false
      var text: String? = word.text
      if isHidden(word.text) {
        switch word.text {
        case "male", "female": text = isFollowed ? nil : "person"
        case "her": text = isFollowed ? "their" : "them"
        // "a baby boy" is a baby.
        case "boy" where result.last?.text == "baby", "girl" where result.last?.text == "baby": text = nil
        default: text = people[word.text]
        }
      } else if afterPronoun {
        text = plurals[word.text] ?? word.text
      }
      afterPronoun = isHidden(word.text) && ["he", "she"].contains(word.text)
      if let text { result.append(Word(text: text, source: word.source)) }
    }
    return result
  }

  /// "a person and a person" are two people, "people and people" are people.
  private static func mergePairs(_ words: inout [Word]) {
    for (one, many) in [("person", "people"), ("child", "children")] {
      var index = 1
      while index + 1 < words.count {
        defer { index += 1 }
        guard words[index].text == "and", [one, many].contains(words[index - 1].text) else { continue }
        let second = index + 1
        if words[second].text == many, words[index - 1].text == many {
          words.removeSubrange(index...second)
        } else if let merged = sum(words, at: index, one, many) {
          words.replaceSubrange(merged.range, with: merged.words)
        }
      }
    }
  }

  /// The number of those on both sides of an "and", where both are counted.
  private static func sum(
    _ words: [Word], at and: Int, _ one: String, _ many: String
  ) -> (range: Range<Int>, words: [Word])? {
    guard and >= 2, let first = counts[words[and - 2].text] else { return nil }
    // "a person and person" has no second article.
    let second = counts[words[and + 1].text]
    let noun = and + (second == nil ? 1 : 2)
    guard noun < words.count, [one, many].contains(words[noun].text) else { return nil }
    let count = first + (second ?? 1)
    guard second != nil || words[noun].text == one, 2...10 ~= count else { return nil }
    return (
      and - 2..<noun + 1,
      [
        Word(text: numbers[count - 2], source: words[and - 2].source),
        Word(text: many, source: words[noun].source),
      ]
    )
  }
}
