import Foundation
import Language
import Media
import Models
import Narration
import Networks
import Tensors
import Testing

/// Two landmarks on the first channel, at 0 and at 2, of styles 0 and 1; the first says "dog", the second "sand".
func twoLandmarks(vocabulary: Int = 10, styles: Int = 2) -> WordExpectation.Parts {
  let channels = EfficientNetLite.channels
  return WordExpectation.Parts(
    projection: Tensor(shape: [1, channels], values: [1] + [Float](repeating: 0, count: channels - 1)),
    offset: Tensor(shape: [1], values: [-0.5]), landmarks: Tensor(shape: [2, 1], values: [0, 2]),
    styles: Tensor(shape: [2], values: [0, Float(styles - 1)]),
    topics: Tensor(shape: [2, 2], values: [1, 0, 0, 1]),
    weights: Tensor(shape: [2, 2], values: [1, 0, 0, 0.5]),
    means: Tensor(shape: [styles, 2], values: (0..<styles).flatMap { [0.125 * Float($0), 0] }),
    words: Tensor(shape: [2], values: [5, 8]),
    rarities: Tensor(
      shape: [vocabulary], values: [0, 0, 0, 0] + [Float](repeating: 2, count: vocabulary - 4)))
}

/// Of a vocabulary of ten words: "a dog runs" and "on the sand".
let twoPhrases = FamiliarPhrases(
  PhraseTable(captions: [[1, 4, 5, 7, 2], [1, 6, 9, 8, 2]], qualifiers: [4, 9]), qualifiers: [4, 9], cost: 1.5
)

private func mean(_ first: Float) -> [Float] {
  [first] + [Float](repeating: 0, count: EfficientNetLite.channels - 1)
}

@Test func whatIsExpectedOfWords() {
  let expectation = WordExpectation(twoLandmarks())
  // At the place 0: the landmark itself, and another at e^-4, of another style.
  let alike = [Float(1), exp(-4) * WordExpectation.otherStyle]
  let found = expectation.similarities(
    [[5], [8], [5, 8], [5, 5, 8], [6], [2], []], mean: mean(0.5), style: 0)
  let (dog, sand) = (alike[0], alike[1] * 0.5)
  let wanted = [
    dog, sand, (dog + sand) / Float(2).squareRoot(), (2 * dog + sand) / Float(5).squareRoot(), 0, 0, 0,
  ]
  #expect(zip(found, wanted).allSatisfy { abs($0 - $1) < 2e-3 }, "\(found) for \(wanted)")
  // The other style has another mean, and the landmarks change their parts.
  let other = expectation.similarities([[5], [8]], mean: mean(0.5), style: 1)
  #expect(abs(other[0] - 0.625) < 2e-3 && abs(other[1] - exp(-4) * 0.5) < 2e-3)
  // Words that tell something count once; of markers and in no words there are none.
  let expected = expectation.words(mean: mean(0.5), style: 0)
  let outlooks = [[5, 5, 8, 2], [6], []].map { expectation.outlook($0, expected: expected) }
  #expect(outlooks.map(\.tellingWords) == [2, 1, 0])
  #expect(outlooks.prefix(2).map(\.rarity) == [2, 2] && outlooks[2].rarity.isNaN && outlooks[2].use.isNaN)
  let uses: [Float] = [(log(dog / 2) + log(sand / 2)) / 2, log(0.002)]
  #expect(zip(outlooks, uses).allSatisfy { abs(Float($0.use) - $1) < 0.05 }, "\(outlooks) for \(uses)")
}

@Test func theOrderIsByScoreSimilaritiesAndCost() {
  func order(
    _ weights: CaptionReranker.Weights, similarities: [Float] = [0, 0, 0], detected: [Float] = [0, 0, 0],
    costs: [Float] = [0, 0, 0]
  ) -> [Int] {
    weights.order(
      (0..<3).map {
        CaptionReranker.Candidate(
          score: [-1, -2, -3][$0], similarity: similarities[$0], detected: detected[$0], cost: costs[$0])
      })
  }
  typealias Weights = CaptionReranker.Weights
  #expect(order(Weights(), similarities: [0, 1, 2]) == [0, 1, 2])
  #expect(order(Weights(similarity: 2), similarities: [0, 1, 1]) == [1, 0, 2])
  #expect(order(Weights(similarity: 1), similarities: [0, 1, 2]) == [0, 1, 2], "equals stay as they were")
  #expect(order(Weights(similarity: 9), similarities: [.nan, 1, 2]) == [0, 1, 2])
  #expect(order(Weights(truth: 2), costs: [1, 0, 3]) == [1, 0, 2])
  #expect(order(Weights(detected: 3), detected: [0, 0, 1]) == [2, 0, 1])
  #expect(
    order(Weights(guidance: 3), similarities: [0, 1, 2], detected: [0, 0, 1], costs: [1, 0, 3]) == [0, 1, 2])
}

/// Words are "a" 4, "dog" 5, "on" 6, "runs" 7, "sand" 8, "the" 9; "a" and "the" are qualifiers.
@Test func aWordCostsWhatNobodyWritesWithAndWithoutQualifiers() {
  func costs(_ words: [Int32]) -> [Float] {
    var context = FamiliarPhrases.Context()
    return words.map { word in
      defer { twoPhrases.extend(&context, by: word) }
      return twoPhrases.cost(of: word, after: context)
    }
  }
  #expect(costs([4, 5, 7, 2]) == [0, 0, 0, 0])
  // Nobody writes "the dog"; without its article it is familiar.
  #expect(costs([9, 5, 7, 2]) == [0, 1.5, 1.5, 0])
  #expect(costs([5, 7, 2]) == [0, 1.5, 0])
  // "a dog on the sand": "dog on" is not, whatever stands between; "on the sand" is.
  #expect(costs([4, 5, 6, 9, 8, 2]) == [0, 0, 3, 1.5, 1.5, 0])
  // Where no word is a qualifier, bare phrases are the phrases as they stand, and cost nothing more.
  let plain = FamiliarPhrases(PhraseTable(captions: [[1, 4, 5, 2]], qualifiers: []), qualifiers: [], cost: 1)
  var context = FamiliarPhrases.Context()
  plain.extend(&context, by: 4)
  #expect(plain.cost(of: 5, after: context) == 0 && plain.cost(of: 6, after: context) == 1)
}

@Suite struct RerankerFolderTests {
  private let model: TinyModel
  private let image: Image

  init() throws {
    model = try TinyModel()
    var random = RandomGenerator(seed: 3)
    image = Image(
      width: 64, height: 64,
      pixels: (0..<64 * 64 * 3).map { _ in UInt8(truncatingIfNeeded: random.next()) })
  }

  private func write(
    _ parts: WordExpectation.Parts, _ weights: CaptionReranker.Weights, cost: Float = 0
  ) throws {
    try CaptionReranker.write(
      parts, weights,
      phrases: FamiliarPhrases(twoPhrases.table, qualifiers: [4, 9], cost: cost),
      of: CaptionModel(contentsOf: model.folder), in: model.folder)
  }

  private func captions() throws -> [Caption] {
    var options = CaptionOptions()
    (options.beamWidth, options.top) = (6, 6)
    return try CaptionEngine(model: model.folder).caption(image, options: options)
  }

  @Test func theFileComesBackAsItWasWritten() throws {
    let weights = CaptionReranker.Weights(similarity: 12.5, detected: 2, truth: 0.25, guidance: 4)
    try write(twoLandmarks(styles: 1), weights, cost: 1.5)
    let read = try #require(
      try CaptionReranker.read(of: CaptionModel(contentsOf: model.folder), in: model.folder).content)
    #expect(read.weights == weights && read.digest.hasSuffix("-12.5-2.0-0.25-4.0-1.5"))
    #expect(read.phrases.table == twoPhrases.table && read.phrases.cost == 1.5)
    #expect(read.phrases.qualifiers == [4, 9])
    let captions: [[Int32]] = [[5, 6], [8], [9]]
    let similarities = read.expectation.similarities(captions, mean: mean(1), style: 0)
    let written = WordExpectation(twoLandmarks(styles: 1))
    #expect(similarities == written.similarities(captions, mean: mean(1), style: 0))
  }

  /// The beam's captions are the same, in another order.
  @Test func itChoosesAmongTheBeam() throws {
    let before = try captions()
    #expect(before.allSatisfy { $0.outlook == nil })
    var parts = twoLandmarks(styles: 1)
    // Whatever the picture shows, "sand" is said of it.
    parts.means = Tensor(shape: [1, 2], values: [0, 1])
    parts.weights = Tensor(shape: [2, 2])
    try write(parts, .init(similarity: 1000))
    let after = try captions()
    #expect(after.map(\.text).sorted() == before.map(\.text).sorted())
    let similarities = after.compactMap(\.outlook?.similarity)
    #expect(similarities.count == after.count && similarities == similarities.sorted(by: >))
    #expect(Set(similarities).count > 1, "captions that differ in nothing show nothing")
    #expect(after.map(\.text) != before.map(\.text))
    try write(parts, .init())
    #expect(try captions().map(\.text) == before.map(\.text))
  }

  /// Where nothing but a few phrases is familiar, captions have these or pay.
  @Test func unfamiliarPhrasesCost() throws {
    func unfamiliar(_ caption: Caption) -> Int {
      let words = Vocabulary.specials + ["a", "dog", "on", "runs", "sand", "the"]
      let indices = caption.words.map { Int32(words.firstIndex(of: $0.text) ?? 3) }
      let whole = [Vocabulary.beginning] + indices + [Vocabulary.end]
      return (2..<whole.count).count {
        !twoPhrases.table.contains(whole[$0 - 2], whole[$0 - 1], whole[$0], .literal)
      }
    }
    var parts = twoLandmarks(styles: 1)
    parts.weights = Tensor(shape: [2, 2])
    try write(parts, .init())
    let before = try captions()
    try write(parts, .init(), cost: 30)
    let after = try captions()
    let (many, few) = (before.map(unfamiliar).reduce(0, +), after.map(unfamiliar).reduce(0, +))
    #expect(few < many && unfamiliar(after[0]) == 0, "\(many) before, \(few) after")
    // What is told is the decoder's own probability.
    for caption in before + after {
      let sum = caption.words.reduce(0) { $0 + log($1.probability) }
      #expect(caption.logProbability <= sum + 1e-3 && caption.logProbability > sum - 12)
    }
  }

  @Test func ofOtherWeightsItIsLeftAside() throws {
    let before = try captions()
    try write(twoLandmarks(styles: 1), .init(similarity: 1000))
    let path = model.folder.appendingPathComponent(CaptionReranker.fileName)
    let weights = try CaptionModel(contentsOf: model.folder).weightsDigest
    for (format, weights) in [("4", "0123456789abcdef"), ("3", weights)] {
      var writer = SafetensorsWriter(metadata: [
        "format": format, "weights": weights, "weight": "1000", "unfamiliar": "0",
      ])
      twoLandmarks(styles: 1).add(to: &writer)
      writer.add("phrases", bytes: twoPhrases.table.bytes)
      try writer.write(to: path.path)
      #expect(try captions() == before)
      #expect(
        try CaptionEngine(model: model.folder).copy().skippedFiles.map(\.lastPathComponent) == [
          path.lastPathComponent
        ])
    }
    try write(twoLandmarks(styles: 1), .init(similarity: 1000))
    #expect(try CaptionEngine(model: model.folder).skippedFiles == [])
  }

  /// What stands in the way of captions with the model.
  private func reason() -> String {
    do {
      _ = try CaptionEngine(model: model.folder)
      return ""
    } catch { return "\(error)" }
  }

  /// Writes a file for the model, right but for what is given.
  private func write(
    _ parts: WordExpectation.Parts, metadata: [String: String] = [:], phrases: [UInt8] = [1],
    qualifiers: [Float] = [4]
  ) throws {
    let digest = try CaptionModel(contentsOf: model.folder).weightsDigest
    let good = [
      "format": "4", "weights": digest, "weight": "1", "detected": "2", "truth": "1", "guidance": "1",
      "unfamiliar": "2",
    ]
    var writer = SafetensorsWriter(metadata: good.merging(metadata) { $1 })
    parts.add(to: &writer)
    writer.add("phrases", bytes: phrases)
    writer.add("qualifiers", Tensor(shape: [qualifiers.count], values: qualifiers), half: false)
    try writer.write(to: model.folder.appendingPathComponent(CaptionReranker.fileName).path)
  }

  @Test func damagedFilesAreNamed() throws {
    let good = twoLandmarks(styles: 1)
    try write(good)
    #expect(reason() == "")
    for (key, value) in [
      ("weight", "much"), ("weight", "-1"), ("weight", "nan"), ("weight", "1e7"), ("unfamiliar", "-2"),
      ("truth", "-1"), ("truth", "?"), ("detected", ""), ("guidance", "inf"),
      ("unfamiliar", ""), ("unfamiliar", "3e38"),
    ] {
      try write(good, metadata: [key: value])
      #expect(reason().contains("reranker.safetensors") && reason().contains("narrate calibrate reranker"))
    }
    try write(good, phrases: [])
    #expect(reason().contains("no phrases"))
    for qualifiers: [Float] in [[4, 10], [-1], [4.5], [.nan]] {
      try write(good, qualifiers: qualifiers)
      #expect(reason().contains("qualifiers that the model does not have"))
    }
    try Data("{}".utf8).write(to: model.folder.appendingPathComponent(CaptionReranker.fileName))
    #expect(reason().contains("reranker.safetensors"))
  }

  @Test func damagedTensorsAreNamed() throws {
    func expect(_ text: String, _ change: (inout WordExpectation.Parts) -> Void) throws {
      var parts = twoLandmarks(styles: 1)
      change(&parts)
      try write(parts)
      #expect(reason().contains(text))
    }
    try expect("reranker.safetensors") { $0 = twoLandmarks(styles: 2) }
    try expect("reranker.safetensors") { $0 = twoLandmarks(vocabulary: 9, styles: 1) }
    for words: [Float] in [[5, 10], [5, .nan], [5, 5.5], [5, 5], [-1, 5]] {
      try expect("words or styles") { $0.words = Tensor(shape: [2], values: words) }
    }
    try expect("words or styles") { $0.styles = Tensor(shape: [2], values: [0, 1]) }
    try expect("rarities is not finite") {
      $0.rarities = Tensor(shape: [10], values: [Float](repeating: .infinity, count: 10))
    }
    try expect("tensor landmarks is no matrix") { $0.landmarks = Tensor(shape: [2]) }
    try expect("topics") { $0.topics = Tensor(shape: [3, 2]) }
  }
}

extension WordExpectation {
  /// Of each caption, see `similarity`.
  fileprivate func similarities(_ captions: [[Int32]], mean: [Float], style: Int) -> [Float] {
    let expected = words(mean: mean, style: style)
    return captions.map { similarity($0, expected) }
  }
}
