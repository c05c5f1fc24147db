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

  /// Endings that make a plural of a singular.
  static let pluralEndings = ["s", "es"]

  /// Words that say that somebody is a man or a boy, a woman or a girl.
  static let male: Set<String> = [
    "man", "men", "boy", "boys", "guy", "guys", "male", "gentleman", "his", "he",
  ]
  static let female: Set<String> = [
    "woman", "women", "girl", "girls", "lady", "ladies", "female", "her", "she",
  ]

  static let colors: Set<String> = [
    "red", "blue", "green", "yellow", "white", "black", "brown", "orange", "pink", "purple", "gray", "grey",
  ]
}
