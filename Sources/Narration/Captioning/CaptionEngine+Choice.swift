import Foundation
import Language
import Models
import Tensors

extension CaptionEngine {
  /// What a picture's captions are searched, chosen and judged by.
  struct Seen {
    /// [channels], of its features
    let mean: [Float]
    /// Nil where the model detects no words.
    let words: PictureWords?
    /// What is expected of captions, [vocabulary]; empty without a reranker, the second without a detector
    let expected, detected: [Float]
  }

  /// Looks at a picture or clip, and adds it to those that the generator makes captions of.
  /// - Parameter features: [frames * positions, channels]
  func look(at features: Rows, _ generator: any CaptionSearch) -> Seen {
    let style = generator.style
    let mean = ImageClassifier.mean(features)
    let words = words(in: features, style: style)
    guard let reranker else {
      generator.add(features, costs: [])
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

  /// What its detector looks for, in the order of `PictureFindings.wordLogits`.
  package var concepts: [(words: [String], isThing: Bool)] { detector?.concepts.names ?? [] }

  func captions(
    _ results: [CaptionGenerator.Result], _ seen: Seen, _ options: CaptionOptions
  ) throws -> [Caption] {
    let drafts = try drafts(results, seen)
    let order = reranker?.weights.order(drafts.compactMap(\.candidate)) ?? Array(results.indices)
    let judged = judged(order.map { drafts[$0] }, mean: seen.mean)
    var (captions, texts) = ([Caption](), Set<String>())
    for draft in judged where captions.count < options.top {
      let caption = careful(draft, seen, options)
      // Two that differed in what is not told are one.
      if texts.insert(caption.text).inserted { captions.append(caption) }
    }
    if options.keepsFindings {
      captions[0] = captions[0].with(
        findings: PictureFindings(mean: seen.mean, wordLogits: seen.words?.logits ?? []))
    }
    guard let translator = try translator(to: options.language) else { return captions }
    return captions.map { $0.translated(options.language, translator.translation(of: $0.text)) }
  }

  /// A caption in other words where it says what it cannot know.
  func careful(_ draft: Caption, _ seen: Seen, _ options: CaptionOptions) -> Caption {
    draft.reworded(draft.words.careful(options.people, seen.words))
  }

  /// Sentences to search: some may turn out to be one, see above.
  func width(_ options: CaptionOptions) -> Int {
    let mayMerge = options.top > 1 && (detector != nil || options.people == .neutral)
    return max(options.beamWidth, mayMerge ? 2 * options.top : options.top)
  }

  /// - Parameter drafts: best first
  private func judged(_ drafts: [Caption], mean: [Float]) -> [Caption] {
    let known = zip(drafts, CaptionStatistics.ofCaptions(drafts)).map { draft, statistics in
      draft.with(statistics: statistics.map { $0.isNaN ? nil : $0 })
    }
    return confidenceModel?.scored(known, mean: mean) ?? known
  }

  /// Captions as they were searched.
  func drafts(_ results: [CaptionGenerator.Result], _ seen: Seen) throws(ModelError) -> [Caption] {
    guard !results.isEmpty else {
      throw .damaged(path: weightsPath, reason: "weights whose scores are no numbers")
    }
    return results.map { draft($0, seen) }
  }

  private func draft(_ result: CaptionGenerator.Result, _ seen: Seen) -> Caption {
    let outlook = reranker?.expectation.outlook(result.words, expected: seen.expected)
    var support = vocabulary.flatMap { seen.words?.support(of: $0.text(result.words)) }
    if let reranker, !seen.detected.isEmpty {
      support?.similarity = reranker.expectation.similarity(result.words, seen.detected)
    }
    return Caption(
      words: words(result), logProbability: Double(result.logProbability),
      candidate: CaptionReranker.Candidate(
        score: result.score, similarity: outlook?.similarity ?? 0, detected: support?.similarity ?? 0,
        cost: support?.cost ?? 0), outlook: outlook, support: support)
  }
}
