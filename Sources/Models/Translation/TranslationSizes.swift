import Networks

/// Sizes of what reads a sentence, all configuration.
package struct SentenceEncoderSizes: Codable, Equatable, Sendable {
  /// Of the source language, markers included.
  package var units: Int
  package var embedding: Int
  /// Of the states, in each direction; a Transformer's queries and keys have this width.
  package var hidden: Int
  /// Recurrent layers, one upon the other; a Transformer has its own number.
  package var layers: Int
  /// Nil: a Transformer.
  package var cell: RecurrentKind?
  package var transformer: TransformerSizes?

  package init(
    units: Int, embedding: Int, hidden: Int, layers: Int, cell: RecurrentKind?,
    transformer: TransformerSizes? = nil
  ) {
    (self.units, self.embedding, self.hidden) = (units, embedding, hidden)
    (self.layers, self.cell, self.transformer) = (layers, cell, transformer)
  }

  /// Of what it makes of each unit.
  package var outputs: Int { transformer == nil ? 2 * hidden : embedding }

  /// Whether the sizes go with each other.
  package var isSound: Bool {
    let numbers = [units, embedding, hidden]
    guard numbers.allSatisfy({ (1...1_000_000).contains($0) }), (1...64).contains(layers) else {
      return false
    }
    guard let transformer else { return cell != nil }
    return cell == nil && transformer.isSound && hidden % transformer.heads == 0
  }
}
