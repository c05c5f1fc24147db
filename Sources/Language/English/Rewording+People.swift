extension Rewording {
  /// Does not say of people whether they are men or women, boys or girls: "a person", "people", "a child".
  /// - Parameter sexes: that are not to be told
  package mutating func hide(_ sexes: Set<Sex>) {
    let hidden = sexes.reduce(into: Set<String>()) { $0.formUnion($1.words.union($1.roles)) }
    guard words.contains(where: { hidden.contains($0.text) }) else { return }
    words = Self.replaced(words) { hidden.contains($0) }
    for (one, many) in [("person", "people"), ("child", "children")] {
      Self.mergePairs(&words, one, many)
      Self.tellApart(&words, one)
    }
    agreeArticles()
  }

  /// Whether a word is about what comes before it: after "her" or "a male" it says that these stand for somebody alone.
  private static func follows(_ word: String?) -> Bool {
    guard let word else { return true }
    let isNumber = English.counts[word] != nil || ["other", "many", "several"].contains(word)
    return (English.grammar.contains(word) && !isNumber) || English.isParticiple(word)
  }

  private static func replaced(_ words: [Word], _ isHidden: (String) -> Bool) -> [Word] {
    var (result, afterPronoun, index) = ([Word](), false, 0)
    func text(at index: Int) -> String? { index < words.count ? words[index].text : nil }
    while index < words.count {
      let word = words[index]
      defer { index += 1 }
      var new: String? = word.text
      if isHidden(word.text) {
        let isAlone = follows(text(at: index + 1))
        switch word.text {
        case "male", "female":
          let isPair =
            text(at: index + 1) == "and" && ["male", "female"].contains(text(at: index + 2))
            && !follows(text(at: index + 3))
          if isPair { index += 2 }
          new = isAlone && !isPair ? "person" : nil
        case "her": new = isAlone ? "them" : "their"
        // "a baby boy" is a baby.
        case "boy" where result.last?.text == "baby", "girl" where result.last?.text == "baby": new = nil
        default: new = English.neutral[word.text]
        }
      } else if afterPronoun {
        new = English.plural(ofVerb: word.text)
      }
      afterPronoun = isHidden(word.text) && ["he", "she"].contains(word.text)
      if let new { result.append(Word(text: new, source: word.source)) }
    }
    return result
  }

  /// "a person and a person" are two people, "people and people" are people.
  private static func mergePairs(_ words: inout [Word], _ one: String, _ many: String) {
    var index = 1
    while index + 1 < words.count {
      let second = index + 1
      if words[index].text == "and", [one, many].contains(words[index - 1].text) {
        if words[second].text == many, words[index - 1].text == many {
          words.removeSubrange(index...second)
          continue
        }
        if let merged = sum(words, at: index, one, many) {
          words.replaceSubrange(merged.range, with: merged.words)
          index = merged.range.lowerBound + 1
          continue
        }
      }
      index += 1
    }
  }

  /// "a person is talking to a young person" are two: "to another young person". One who is "dressed as a person" is one, and so
  /// is "a person looking at a reflection of a person".
  private static func tellApart(_ words: inout [Word], _ one: String) {
    var isKnown = false
    for noun in words.indices where words[noun].text == one {
      defer { isKnown = true }
      guard isKnown else { continue }
      let article = beginning(of: noun, in: words)
      guard article >= 0, ["a", "an"].contains(words[article].text) else { continue }
      let before = article > 0 ? words[article - 1].text : ""
      let likeness = before == "of" && article > 1 ? words[article - 2].text : ""
      guard !["as", "like", "or"].contains(before), !English.likenesses.contains(likeness) else { continue }
      words[article].text = "another"
    }
  }

  /// Where a noun's article would be: before all that is said of it.
  private static func beginning(of noun: Int, in words: [Word]) -> Int {
    var article = noun - 1
    while article >= 0, !English.articles.contains(words[article].text),
      English.qualifiers.contains(words[article].text) || English.adjectives.contains(words[article].text),
      English.counts[words[article].text] == nil
    { article -= 1 }
    return article
  }

  /// Those on both sides of an "and" together, where it can be said how many they are, or need not be.
  private static func sum(
    _ words: [Word], at and: Int, _ one: String, _ many: String
  ) -> (range: Range<Int>, words: [Word])? {
    // "a young person and person": back over what is said of the first, which is said of both.
    let counted = English.counts[words[and + 1].text]
    let article = counted == nil ? beginning(of: and - 1, in: words) : and - 2
    let noun = and + (counted == nil ? 1 : 2)
    guard noun < words.count, [one, many].contains(words[noun].text) else { return nil }
    let first = article >= 0 ? English.counts[words[article].text] : nil
    let people = Word(text: many, source: words[noun].source)
    if let first, counted != nil || words[noun].text == one {
      let count = first + (counted ?? 1)
      guard let number = English.counts.first(where: { $1 == count })?.key, count > 1 else { return nil }
      let between = words[(article + 1)..<(and - 1)]
      return (
        article..<noun + 1, [Word(text: number, source: words[article].source)] + between + [people]
      )
    }
    guard counted == nil, words[noun].text == one else { return nil }
    return (and - 1..<noun + 1, [people])
  }
}
