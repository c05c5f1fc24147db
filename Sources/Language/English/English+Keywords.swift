extension English {
  /// What a caption names, each once, in its order: its words without those of grammar, numbers, colours, qualities and actions. Two
  /// words that name one thing stay together: "teddy bear".
  package static func keywords(of caption: String) -> [String] {
    var seen: Set<String> = []
    return ObjectWords.english.words(of: caption).filter { word in
      let isThing =
        word.contains(" ")
        || (word.count > 2 && !notThings.contains(word) && !isParticiple(word)
          && (!word.hasSuffix("ed") || thingsInEd.contains(word)))
      return isThing && seen.insert(word).inserted
    }
  }

  /// Words that end as what was done does.
  private static let thingsInEd: Set<String> = [
    "bed", "shed", "seed", "weed", "flatbed", "bobsled", "sled", "reed",
  ]

  /// Words of captions that are no things to look for.
  private static let notThings: Set<String> = {
    let others = [
      "group", "pair", "piece", "kind", "kinds", "variety", "bunch", "lot", "lots", "pile", "couple",
      "middle",
      "view", "background", "back", "edge", "end", "close", "doing", "going", "using", "lying", "about",
      "play",
      "hot", "decker", "full", "open", "display", "people's", "runs", "rides", "jumps", "plays", "walks",
      "stands",
      "sits", "holds", "wears", "looks", "swims", "climbs", "performs", "leaps", "poses", "smiles", "shows",
      "made", "worn", "held", "seen", "taken", "very", "together", "another", "someone", "something", "thing",
      "things", "during", "nothing", "anything", "everything", "interesting", "matching", "can", "how",
      "also",
    ]
    return smallWords.reduce(into: colors.union(numbers).union(sides).union(pictures)) {
      $0.insert(String($1))
    }
    .union(qualifiers).union(grammar).union(adjectives).union(unfinishedEnds).union(prepositions).union(
      others)
  }()
}
