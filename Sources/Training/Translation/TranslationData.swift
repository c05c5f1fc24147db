import Datasets
import Language
import Models
import Tensors

/// What a translator learns from: sentences of one language with their translations into others, and their units.
package struct TranslationData: Sendable {
  /// Sentences of a split.
  struct Split: Sendable {
    let source: [String]
    /// [languages][sentences]
    let targets: [[String]]
  }

  package let source: String
  package let languages: [String]
  let training, validation: Split
  let units: (source: SubwordUnits, target: SubwordUnits)
  private let dropout: Float

  /// Units of a sentence that is learned from, at most.
  private static let longest = 200

  /// Learns the units, or takes those of a model.
  /// - Parameters:
  ///   - sets: at least one; how many times an epoch shows each sentence
  ///   - source: the language of what is translated
  ///   - languages: what it is translated into, at least one
  ///   - base: the model to go on from
  /// - Throws: `DataError` where a table has no such column, or no set has sentences to validate on; `ModelError` where the model
  ///   is for other languages.
  package init(
    _ sets: [(dataset: TranslationDataset, times: Int)], from source: String, to languages: [String],
    _ settings: TranslationSettings, base: TranslationModel? = nil
  ) throws {
    precondition(!languages.isEmpty && !sets.isEmpty)
    func split(_ tables: [TranslationDataset.Table]) throws -> Split {
      func column(_ language: String) throws -> [String] { try tables.flatMap { try $0.column(language) } }
      return Split(source: try column(source), targets: try languages.map(column))
    }
    (self.source, self.languages) = (source, languages)
    training = try split(sets.flatMap { Array(repeating: $0.dataset.training, count: $0.times) })
    let held = sets.compactMap(\.dataset.validation)
    guard !held.isEmpty else {
      throw DataError(
        .insufficient, path: sets[0].dataset.training.path,
        reason: "no val.tsv beside it, nor in another folder")
    }
    validation = try split(held)
    dropout = Float(settings.units.dropout)
    if let base {
      let model = base.configuration
      guard model.source == source, model.languages == languages else {
        throw ModelError.damaged(
          path: base.weights.path,
          reason: "translates from \(model.source) to \(model.languages.joined(separator: ", "))")
      }
      units = (base.source, base.target)
      return
    }
    func learned(_ texts: [String], _ count: Int) -> SubwordUnits {
      SubwordUnits(learning: texts, count: count, minimumCount: settings.units.minimumCount)
    }
    units = (
      learned(training.source, settings.units.source),
      learned(training.targets.flatMap { $0 }, settings.units.target)
    )
  }

  /// Names all that is learned from.
  var identity: String {
    let parts = [source] + languages + [training, validation].flatMap { [$0.source] + $0.targets }.joined()
    return parts.joined(separator: "\u{0}")
  }

  /// Training examples: each sentence in each language.
  package var count: Int { training.source.count * languages.count }

  /// A training example, its units chosen at random where `units.dropout` says so.
  func example(_ index: Int, using random: inout RandomGenerator) -> TranslationPair {
    let (language, sentence) = (index / training.source.count, index % training.source.count)
    return pair(
      training.source[sentence], training.targets[language][sentence], language, dropout, using: &random)
  }

  /// A validation example.
  func validationPair(_ sentence: Int, language: Int) -> TranslationPair {
    var unused = RandomGenerator(seed: 0)
    return pair(
      validation.source[sentence], validation.targets[language][sentence], language, 0, using: &unused)
  }

  private func pair(
    _ source: String, _ target: String, _ language: Int, _ dropout: Float,
    using random: inout RandomGenerator
  ) -> TranslationPair {
    func encoded(_ text: String, _ units: SubwordUnits) -> ArraySlice<Int32> {
      units.encode(text, dropout: dropout, using: &random).prefix(Self.longest)
    }
    return TranslationPair(
      source: encoded(source, units.source) + [Vocabulary.end],
      target: [Vocabulary.beginning] + encoded(target, units.target) + [Vocabulary.end], language: language)
  }

  /// Lengths by which sentences of a batch are brought together.
  func length(_ index: Int) -> Int { training.source[index % training.source.count].utf8.count }
}
