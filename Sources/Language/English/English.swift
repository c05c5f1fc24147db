/// What this package knows of English by heart. Captions are in it; what another language needs stands in a file like this one.
package enum English {
  /// Words that tell nothing of what is to be seen, for comparing captions.
  package static let smallWords: Set<Substring> = [
    "a", "an", "the", "is", "are", "of", "in", "on", "at", "to", "and", "with", "his", "her", "their", "by",
    "next", "front", "top", "that", "there", "it",
  ]

  /// What is said of a picture that shows nothing.
  package static let oneColor = ["nothing", "but", "one", "colour"]

  /// The commonest articles, possessives, numbers, colors, sizes and ages.
  static let qualifiers = [
    "a", "an", "the", "his", "her", "their", "its", "some", "one", "two", "three", "four", "red", "orange",
    "yellow", "green", "blue", "purple", "pink", "brown", "black", "white", "gray", "grey", "small", "little",
    "large", "big", "young", "old",
  ]

  /// Words of grammar, and numbers: those that a caption may have twice.
  static let grammar = [
    "a", "an", "the", "this", "that", "these", "those", "some", "each", "other", "another", "all", "both",
    "of", "in", "on", "at", "by", "to", "from", "with", "without", "for", "into", "onto", "over", "under",
    "near", "behind",
    "beside", "between", "through", "across", "along", "around", "against", "above", "below", "up", "down",
    "off", "out",
    "next", "front", "top", "side", "and", "or", "but", "while", "as", "than", "who", "which", "what",
    "where", "when",
    "is", "are", "was", "were", "be", "being", "been", "has", "have", "having", "do", "does", "not", "there",
    "it", "its", "he", "his", "him", "she", "her", "they", "their", "them", "one", "two", "three", "four",
    "five", "six",
    "several", "many", "'s", "s",
  ]

  /// Words that captions begin with that say nothing.
  static let emptyBeginnings = ["there", "this", "it"]

  static let articles = ["a", "an", "the", "his", "her", "their", "its", "another", "each"]

  /// The indefinite article that a word has.
  static func article(before word: String) -> String {
    let isSpokenAsConsonant =
      ["unif", "unic", "univ", "unit", "unio", "uniq", "euro"].contains { word.hasPrefix($0) }
      || ["one", "used", "ukulele", "ewe"].contains(word)
    let isVowel = "aeiou".contains(word.first ?? " ") && !isSpokenAsConsonant
    return isVowel || word.hasPrefix("hour") || word.hasPrefix("honest") ? "an" : "a"
  }

  /// What says of what kind a thing is, beside `qualifiers`.
  static let adjectives = [
    "striped", "plaid", "wooden", "bright", "colorful", "tall", "short", "long", "empty",
    "busy", "double", "stuffed", "snowy", "grassy", "rocky", "sandy", "dirty", "wet", "dry", "clean", "shiny",
    "fluffy", "furry", "different", "various", "blond", "blonde", "beautiful", "nice", "pretty", "cute",
    "happy", "huge", "tiny", "giant", "round", "bald", "bearded", "elderly", "asian",
  ]

  /// Words that something must follow.
  static let unfinishedEnds = [
    "and", "or", "but", "while", "as", "than", "who", "which", "what", "where", "when", "of", "in", "on",
    "at", "to", "from", "with", "without", "for", "into", "onto", "near", "behind", "beside", "between",
    "through", "across", "along", "against", "above", "is", "are", "was", "were", "be", "being", "has",
    "have", "that", "front", "next", "wearing", "holding", "very",
  ]

  /// Endings that make a plural of a singular.
  static let pluralEndings = ["s", "es"]

  /// Words that stand before somebody or something.
  static let prepositions = [
    "of", "in", "on", "at", "by", "to", "from", "with", "for", "into", "onto", "over", "under", "near",
    "behind", "beside", "between", "around", "against", "above", "below",
  ]

  /// Words that say that somebody is a man or a boy, a woman or a girl.
  static let male: Set<String> = [
    "man", "men", "boy", "boys", "guy", "guys", "male", "gentleman", "his", "he",
  ]
  static let female: Set<String> = [
    "woman", "women", "girl", "girls", "lady", "ladies", "female", "her", "she",
  ]

  /// Other words that say so. Captions have few of them, and the measure of wrong sexes leaves them out.
  static let maleRoles: Set<String> = [
    "him", "himself", "males", "father", "fathers", "son", "sons", "policeman", "policemen", "fireman",
    "firemen", "businessman", "businessmen",
  ]
  static let femaleRoles: Set<String> = [
    "herself", "females", "mother", "mothers", "daughter", "daughters", "policewoman", "businesswoman",
  ]
  /// How people are spoken of without it.
  static let neutral = [
    "man": "person", "woman": "person", "guy": "person", "gentleman": "person", "lady": "person",
    "businessman": "person", "businesswoman": "person", "male": "person", "female": "person",
    "men": "people", "women": "people", "guys": "people", "ladies": "people", "businessmen": "people",
    "males": "people", "females": "people", "boy": "child", "girl": "child", "son": "child",
    "daughter": "child", "boys": "children", "girls": "children", "sons": "children", "daughters": "children",
    "father": "parent", "mother": "parent", "fathers": "parents", "mothers": "parents",
    "policeman": "officer", "policewoman": "officer", "policemen": "officers", "fireman": "firefighter",
    "firemen": "firefighters", "his": "their", "him": "them", "himself": "themselves",
    "herself": "themselves", "he": "they", "she": "they",
  ]
  /// How many a word says that there are.
  static let counts = [
    "a": 1, "an": 1, "one": 1, "another": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6,
    "seven": 7, "eight": 8, "nine": 9, "ten": 10,
  ]

  /// A verb as it is said of several: "runs" is "run".
  static func plural(ofVerb verb: String) -> String {
    if let known = ["is": "are", "was": "were", "has": "have", "does": "do"][verb] { return known }
    guard verb.hasSuffix("s"), !verb.hasSuffix("ss"), verb.count > 3 else { return verb }
    if verb.hasSuffix("ies") { return verb.dropLast(3) + "y" }
    let hasE = ["shes", "ches", "sses", "xes", "oes", "zzes"].contains { verb.hasSuffix($0) }
    return String(verb.dropLast(hasE ? 2 : 1))
  }

  /// Words that say on which side of a picture something is: they change places where it is mirrored.
  static let sides: Set<String> = ["left", "right"]

  package static let colors: Set<String> = [
    "red", "blue", "green", "yellow", "white", "black", "brown", "orange", "pink", "purple", "gray", "grey",
  ]

  /// Numbers that say how many of a thing are seen; one is as good as an article.
  static let numbers: Set<String> = ["two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]

  /// Words for pictures, which are in black and white themselves.
  static let pictures: Set<String> = ["photo", "photograph", "picture", "image", "drawing"]
  /// What shows somebody who may have been spoken of.
  static let likenesses = pictures.union([
    "reflection", "shadow", "silhouette", "statue", "painting", "poster",
  ])

  /// Whether a word says what is being done, as "riding" does and "building" does not.
  static func isParticiple(_ word: String) -> Bool {
    word.count > 5 && word.hasSuffix("ing") && !thingsInIng.contains(word)
  }

  /// The stem of a word that says what is being done, its ending "ing" taken off and a doubled consonant made one; nil for other
  /// words.
  static func actionStem(_ word: String) -> String? {
    guard isParticiple(word) else { return nil }
    let stem = word.dropLast(3)
    let isDoubled = stem.last == stem.dropLast().last && stem.last != "l" && stem.last != "s"
    return String(isDoubled ? stem.dropLast() : stem)
  }

  /// Words that end as actions do.
  private static let thingsInIng: Set<String> = [
    "building", "ceiling", "clothing", "evening", "morning", "awning", "railing", "crossing", "painting",
    "drawing", "wedding", "frosting", "stuffing", "topping", "dressing", "earring", "string", "spring",
    "during", "nothing", "something", "anything", "everything", "interesting", "matching",
  ]
}
