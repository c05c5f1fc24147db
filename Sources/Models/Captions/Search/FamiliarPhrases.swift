import Language

/// Phrases that people write. Others are such as "a glass of table" or "standing in a black fence", which a decoder that learns
/// from scores takes up now and then.
package struct FamiliarPhrases: Sendable {
  package let table: PhraseTable
  /// Words that bare phrases leave out; without any, bare phrases cost nothing.
  package let qualifiers: Set<Int32>
  /// What a phrase that is none of them costs a sentence, in nats.
  package let cost: Float

  package init(_ table: PhraseTable, qualifiers: Set<Int32>, cost: Float) {
    (self.table, self.qualifiers, self.cost) = (table, qualifiers, cost)
  }

  /// The end of a sentence, as far as the next word makes a phrase with it. At first only the beginning is there.
  package struct Context: Sendable {
    /// The last two words.
    fileprivate var literal: (Int32?, Int32) = (nil, Vocabulary.beginning)
    /// The last two that are no qualifiers.
    fileprivate var bare: (Int32?, Int32) = (nil, Vocabulary.beginning)

    package init() {}
  }

  /// What a word costs if nobody writes it after the two before it, and once more if nobody does without qualifiers: twice, then,
  /// where none is among the three.
  package func cost(of word: Int32, after context: Context) -> Float {
    func price(_ before: (Int32?, Int32), _ kind: PhraseTable.Kind) -> Float {
      guard let first = before.0 else { return 0 }
      return table.contains(first, before.1, word, kind) ? 0 : cost
    }
    let literal = price(context.literal, .literal)
    guard !qualifiers.isEmpty, !qualifiers.contains(word) else { return literal }
    return literal + price(context.bare, .bare)
  }

  /// What a whole caption costs.
  /// - Parameter caption: with the markers of beginning and end
  package func cost(of caption: [Int32]) -> Float {
    var context = Context()
    return caption.dropFirst().reduce(0) { sum, word in
      defer { extend(&context, by: word) }
      return sum + cost(of: word, after: context)
    }
  }

  package func extend(_ context: inout Context, by word: Int32) {
    context.literal = (context.literal.1, word)
    if !qualifiers.contains(word) { context.bare = (context.bare.1, word) }
  }
}
