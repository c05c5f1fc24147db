extension Vocabulary {
  /// Words that say more of a thing without changing what can be done with it or be where it is: the commonest English articles,
  /// possessives, numbers, colors, sizes and ages.
  package var qualifiers: Set<Int32> {
    Set(English.qualifiers.map(index(of:))).subtracting([Self.unknown])
  }
}
