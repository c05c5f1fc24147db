extension Vocabulary {
  /// Words that say more of a thing without changing what can be done with it or be where it is: the commonest English articles,
  /// possessives, numbers, colours, sizes and ages.
  package var qualifiers: Set<Int32> {
    Set(Self.english.map(index(of:))).subtracting([Self.unknown])
  }

  private static let english = [
    "a", "an", "the", "his", "her", "their", "its", "some", "one", "two", "three", "four", "red", "orange",
    "yellow", "green", "blue", "purple", "pink", "brown", "black", "white", "gray", "grey", "small", "little",
    "large", "big", "young", "old",
  ]
}
