import Foundation
import Language
import Models
import Tensors

extension CaptionEngine {
  /// What a picture's captions are searched, chosen and judged by.
  struct Seen {
    /// [channels], of its features; empty where nobody asks for them
    let mean: [Float]
    /// Nil where the model detects no words.
    let words: PictureWords?
    /// What is expected of captions, [vocabulary]; empty without a reranker, the second without a detector
    let expected, detected: [Float]
  }

  /// Looks at a picture or clip, and adds it to those that the generator makes captions of.
  /// - Parameter features: [frames * positions, channels]
  func look(at features: Rows, _ generator: CaptionGenerator) -> Seen {
    let style = generator.style
    let mean = confidenceModel == nil && reranker == nil ? [] : ImageClassifier.mean(features)
    let words = words(in: features, style: style)
    guard let reranker else {
      generator.add(features)
      return Seen(mean: mean, words: words, expected: [], detected: [])
    }
    var (detected, costs) = ([Float](), [Float]())
    if let words, let conceptWords {
      detected = words.expected(conceptWords, rarities: reranker.expectation.rarities)
      let scale = reranker.weights.guidance
      if scale > 0 { costs = words.costs(conceptWords, scale: scale) }
    }
    generator.add(features, costs: costs)
    return Seen(
      mean: mean, words: words, expected: reranker.expectation.words(mean: mean, style: style),
      detected: detected)
  }

  /// What the model detects in a picture or clip. By the calling thread's team.
  /// - Parameter features: [frames * positions, channels]
  package func words(in features: Rows, style: Int) -> PictureWords? {
    detector?.words(in: features, style: styles.isEmpty ? nil : styles[style], arena: arena)
  }

  func captions(
    _ results: [CaptionGenerator.Result], _ seen: Seen, _ options: CaptionOptions
  ) throws(ModelError) -> [Caption] {
    guard !results.isEmpty else {
      throw .damaged(path: weightsPath, reason: "weights whose scores are no numbers")
    }
    let candidates = results.map { candidate($0, seen) }
    let order = reranker?.weights.order(candidates) ?? Array(results.indices)
    let count = confidenceModel == nil ? options.top : max(options.top, CaptionStatistics.compared)
    var (captions, texts) = ([Caption](), Set<String>())
    for index in order where captions.count < count {
      let words = words(results[index]).careful(options.people, seen.words)
      // Two that differed in what is not told are one.
      guard texts.insert(words.text).inserted else { continue }
      captions.append(
        Caption(
          words: words, logProbability: Double(results[index].logProbability), candidate: candidates[index],
          outlook: reranker?.expectation.outlook(indices(words), expected: seen.expected),
          support: support(words.text, indices(words), seen)))
    }
    return Array((confidenceModel?.scored(captions, mean: seen.mean) ?? captions).prefix(options.top))
  }

  private func words(_ result: CaptionGenerator.Result) -> [Caption.Word] {
    zip(result.words, zip(result.logProbabilities, result.attention)).compactMap { word, rest in
      guard word != Vocabulary.end else { return nil }
      return Caption.Word(
        text: vocabulary.word(word), probability: Double(exp(rest.0)), attention: rest.1)
    }
  }

  private func indices(_ words: [Caption.Word]) -> [Int32] { words.map { vocabulary.index(of: $0.text) } }

  private func candidate(_ result: CaptionGenerator.Result, _ seen: Seen) -> CaptionReranker.Candidate {
    let support = support(vocabulary.text(result.words), result.words, seen)
    return CaptionReranker.Candidate(
      score: result.score,
      similarity: reranker?.expectation.similarity(result.words, seen.expected) ?? 0,
      detected: support?.similarity ?? 0, cost: support?.cost ?? 0)
  }

  /// Nil where the model detects no words.
  private func support(_ text: String, _ words: [Int32], _ seen: Seen) -> PictureWords.Support? {
    var support = seen.words?.support(of: text)
    if let reranker, !seen.detected.isEmpty {
      support?.similarity = reranker.expectation.similarity(words, seen.detected)
    }
    return support
  }
}

extension [Caption.Word] {
  fileprivate var text: String { map(\.text).joined(separator: " ") }
}
