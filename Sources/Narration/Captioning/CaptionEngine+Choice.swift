import Foundation
import Language
import Models
import Tensors

extension CaptionEngine {
  /// What a picture's captions are chosen and judged by.
  struct Seen {
    /// [channels], of its features; empty where nobody asks for them
    let mean: [Float]
    /// Nil where the model detects no words.
    let words: PictureWords?
  }

  /// - Parameter features: [frames * positions, channels]
  func seen(_ features: Rows, style: Int) -> Seen {
    Seen(
      mean: confidenceModel == nil && reranker == nil ? [] : ImageClassifier.mean(features),
      words: words(in: features, style: style))
  }

  /// What the model detects in a picture or clip. By the calling thread's team.
  /// - Parameter features: [frames * positions, channels]
  package func words(in features: Rows, style: Int) -> PictureWords? {
    detector?.words(in: features, style: styles.isEmpty ? nil : styles[style], arena: arena)
  }

  func captions(
    _ results: [CaptionGenerator.Result], _ seen: Seen, style: Int, _ options: CaptionOptions
  ) throws(ModelError) -> [Caption] {
    guard !results.isEmpty else {
      throw .damaged(path: weightsPath, reason: "weights whose scores are no numbers")
    }
    let outlooks = reranker?.expectation.outlooks(results.map(\.words), mean: seen.mean, style: style)
    let supports = seen.words.map { words in results.map { words.support(of: vocabulary.text($0.words)) } }
    let order =
      outlooks.flatMap {
        reranker?.order(
          scores: results.map(\.score), similarities: $0.map(\.similarity), costs: supports?.map(\.cost))
      } ?? Array(results.indices)
    let count = confidenceModel == nil ? options.top : max(options.top, CaptionStatistics.compared)
    var (captions, texts) = ([Caption](), Set<String>())
    for index in order where captions.count < count {
      let caption = caption(results[index], outlooks?[index], supports?[index]).careful(
        options.people, seen.words)
      // Two that differed in what is not told are one.
      if texts.insert(caption.text).inserted { captions.append(caption) }
    }
    return Array((confidenceModel?.scored(captions, mean: seen.mean) ?? captions).prefix(options.top))
  }

  private func caption(
    _ result: CaptionGenerator.Result, _ outlook: WordExpectation.Outlook?, _ support: PictureWords.Support?
  ) -> Caption {
    let words = zip(result.words, zip(result.logProbabilities, result.attention)).filter {
      $0.0 != Vocabulary.end
    }
    return Caption(
      words: words.map { word, rest in
        Caption.Word(text: vocabulary.word(word), probability: Double(exp(rest.0)), attention: rest.1)
      }, logProbability: Double(result.logProbability), score: result.score, outlook: outlook,
      support: support)
  }
}
