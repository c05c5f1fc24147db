import Language
import Networks
import Tensors

extension DecoderNetwork where Matrix == Tensor {
  /// Takes a trained model's weights over, as far as they fit: words that both know keep what was learned of them, as do styles
  /// of the same name; other styles begin as the model's first. New words stay as they are.
  /// - Parameters:
  ///   - words: this decoder's vocabulary
  ///   - styles: the data sets' names; their captions' styles where this decoder has styles
  /// - Throws: `ModelError` if layers have other widths.
  package mutating func adapt(
    _ base: CaptionModel, words: Vocabulary, styles: [String]
  ) throws {
    let theirs: CaptionDecoder
    do {
      theirs = try CaptionDecoder(base.configuration.decoder, from: base.weights)
    } catch { throw ModelError(error) }
    func widths(_ sizes: DecoderSizes) -> [Int] {
      [sizes.channels, sizes.embedding, sizes.hidden, sizes.attention, sizes.projection]
    }
    guard sizes.transformer == theirs.sizes.transformer, sizes.cellKind == theirs.sizes.cellKind else {
      func name(_ sizes: DecoderSizes) -> String {
        sizes.transformer.map {
          "a Transformer (\($0.layers) layers, \($0.heads) heads, \($0.feedForward) between)"
        } ?? (sizes.cellKind == .gru ? "a GRU" : "an \(sizes.cellKind.rawValue.uppercased())")
      }
      throw ModelError.damaged(
        path: base.weights.path,
        reason:
          "its decoder is \(name(theirs.sizes)), the settings' is \(name(sizes))")
    }
    guard widths(sizes) == widths(theirs.sizes) else {
      throw ModelError.damaged(
        path: base.weights.path,
        reason: "a decoder of other widths than the settings' (channels, embedding, hidden, attention, "
          + "projection): \(widths(theirs.sizes)), not \(widths(sizes))")
    }
    let mine = self
    for path in parameters.map(\.path) where self[keyPath: path].shape == theirs[keyPath: path].shape {
      self[keyPath: path] = theirs[keyPath: path]
    }
    let known = Dictionary(
      (0..<base.vocabulary.count).map { (base.vocabulary.word(Int32($0)), $0) },
      uniquingKeysWith: { a, _ in a })
    let rows = (0..<words.count).map { known[words.word(Int32($0))] }
    embedding = mine.embedding.withRows(rows, of: theirs.embedding)
    output.weight = mine.output.weight.withRows(rows, of: theirs.output.weight)
    output.bias = mine.output.bias.withRows(rows, of: theirs.output.bias)
    guard theirs.style.count > 0 else { return }
    let names = base.configuration.styles ?? []
    let chosen = styles.map { names.firstIndex(of: $0) ?? 0 }
    if style.count > 0 {
      style = mine.style.withRows(chosen, of: theirs.style)
    } else {
      // One way of writing: its code goes into the words.
      for word in 0..<sizes.words {
        add(theirs.style.rows[chosen[0]], to: embedding.mutableRows[word], count: sizes.embedding)
      }
    }
  }
}

extension Tensor {
  /// This matrix with some rows replaced by another's.
  /// - Parameter rows: for each of this one's rows the other's; nil leaves it as it is.
  fileprivate func withRows(_ rows: [Int?], of other: Tensor) -> Tensor {
    var result = self
    let width = shape.dropFirst().reduce(1, *)
    let target = result.mutablePointer
    for (row, from) in rows.enumerated() {
      guard let from else { continue }
      (target + row * width).update(from: other.pointer + from * width, count: width)
    }
    return result
  }
}
