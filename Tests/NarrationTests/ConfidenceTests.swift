import Foundation
import Media
import Models
import Narration
import Networks
import Tensors
import Testing

private func caption(_ words: [(String, Double)], end: Double = 0.5) -> Caption {
  Caption(
    words: words.map { Caption.Word(text: $0.0, probability: $0.1, attention: [0.5, 0.5]) },
    logProbability: words.reduce(log(end)) { $0 + log($1.1) })
}

@Test func statisticsOfACaption() throws {
  let captions = [
    caption([("a", 0.5), ("dog", 0.25)]), caption([("a", 0.5), ("cat", 0.125)]),
  ]
  let names = CaptionStatistics.ofCaption
  let values = CaptionStatistics.ofCaptions(captions)
  func value(_ name: String, of index: Int) throws -> Double {
    values[index][try #require(names.firstIndex(of: name))]
  }
  #expect(values.count == 2 && values.allSatisfy { $0.count == names.count })
  #expect(abs(try value("mean log-probability", of: 0) + 4 * log(2) / 3) < 1e-9)
  #expect(abs(try value("least log-probability", of: 1) + 3 * log(2)) < 1e-9)
  #expect(abs(try value("log-probability of the end", of: 0) + log(2)) < 1e-9)
  #expect(try value("mean probability", of: 0) == 0.375)
  #expect(try value("words", of: 0) == 2)
  #expect(try value("agreement", of: 0) == 0.5)
  #expect(abs(try value("attention entropy", of: 0) - log(2)) < 1e-6)
  let margins = (first: try value("margin", of: 0), second: try value("margin", of: 1))
  #expect(margins.first > 0 && margins.first == -margins.second)
  // Nothing to compare with.
  let alone = CaptionStatistics.ofCaptions(Array(captions.prefix(1)))[0]
  #expect(alone[try #require(names.firstIndex(of: "agreement"))].isNaN)
}

@Test func whatIsNotKnownCountsForNothing() {
  let terms = [
    ConfidenceFile.Term(name: "a", mean: 2, scale: 2, weight: 3, familiarity: 0),
    ConfidenceFile.Term(name: "b", mean: 0, scale: 1, weight: 1, familiarity: 0),
  ]
  let file = ConfidenceFile(
    weights: "0", reranker: nil, level: 0.5, threshold: 0.3, bias: 0, familiarityBias: 40, terms: terms)
  #expect(file.confidence([2, .nan]) == 0.5)
  #expect(abs(file.confidence([4, 0]) - 1 / (1 + exp(-3))) < 1e-12)
  // One statistic alone does not decide, however far out.
  #expect(file.confidence([2, 1e9]) == file.confidence([2, 5]))
}

@Suite struct ConfidenceFolderTests {
  private let model: TinyModel
  private let image: Image

  init() throws {
    model = try TinyModel(classes: 3)
    var random = RandomGenerator(seed: 3)
    image = Image(
      width: 64, height: 64,
      pixels: (0..<64 * 64 * 3).map { _ in UInt8(truncatingIfNeeded: random.next()) })
  }

  private static let space = FeatureSpace(
    mean: Tensor(shape: [EfficientNetLite.channels]),
    components: Tensor(
      shape: [1, EfficientNetLite.channels],
      values: [1] + [Float](repeating: 0, count: EfficientNetLite.channels - 1)),
    deviations: Tensor(shape: [1], values: [2]))

  private func file(
    bias: Double, weights: String? = nil, reranker: String? = nil, names: [String]? = nil
  ) throws -> ConfidenceFile {
    let digest = try weights ?? CaptionModel(contentsOf: model.folder).weightsDigest
    return ConfidenceFile(
      weights: digest, reranker: reranker, level: 0.5, threshold: 0.3, bias: bias, familiarityBias: 40,
      terms: (names ?? CaptionStatistics.names(components: 1)).map {
        ConfidenceFile.Term(name: $0, mean: 0, scale: 1, weight: 0, familiarity: 0)
      })
  }

  private func write(_ file: ConfidenceFile) throws {
    try file.write(Self.space, in: model.folder)
  }

  private func writeTags(_ lines: [String]) throws {
    try Data((lines.joined(separator: "\n") + "\n").utf8).write(
      to: model.folder.appendingPathComponent("tags.txt"))
  }

  private func captions(_ change: (inout CaptionOptions) -> Void = { _ in }) throws -> [Caption] {
    var options = CaptionOptions()
    change(&options)
    return try CaptionEngine(model: model.folder).caption(image, options: options)
  }

  @Test func filesComeBackAsTheyWereWritten() throws {
    let written = try file(bias: 0.25)
    try write(written)
    let read = try #require(
      try ConfidenceFile.read(
        of: CaptioningModel(contentsOf: model.folder), in: model.folder, reranker: nil
      ).content)
    #expect(read.0 == written && read.1 == Self.space)
  }

  @Test func unsureCaptionsHaveTags() throws {
    try write(file(bias: -2))
    try writeTags(["tench", "web site", "book jacket"])
    let unsure = try captions { $0.top = 2 }
    #expect(abs(unsure[0].confidence - 1 / (1 + exp(2))) < 1e-12)
    #expect(unsure.allSatisfy(\.isUnsure) && !unsure[0].tags.isEmpty && unsure[1].tags.isEmpty)
    #expect(zip(unsure[0].tags, unsure[0].tags.dropFirst()).allSatisfy { $0.probability >= $1.probability })
    #expect(try captions { $0.beamWidth = 1 }[0].isUnsure)
    try write(file(bias: 2))
    let sure = try captions()[0]
    #expect(!sure.isUnsure && sure.tags.isEmpty && sure.confidence > 0.8)
    #expect(sure.text == unsure[0].text)
    #expect(try CaptionEngine(model: model.folder).copy().sureConfidence == 0.3)
  }

  @Test func ofOtherWeightsOrAnotherRerankerItIsLeftAside() throws {
    for other in [
      try file(bias: -2, weights: "0123456789abcdef"), try file(bias: -2, reranker: "0123456789abcdef"),
    ] {
      try write(other)
      let caption = try captions()[0]
      #expect(!caption.isUnsure)
      #expect(
        caption.confidence == Caption(words: caption.words, logProbability: caption.logProbability).confidence
      )
      #expect(try CaptionEngine(model: model.folder).sureConfidence == nil)
    }
  }

  @Test func damagedFilesAreNamed() throws {
    func reason() -> String {
      do {
        _ = try CaptionEngine(model: model.folder)
        return ""
      } catch { return "\(error)" }
    }
    try write(file(bias: 0))
    #expect(reason() == "")
    try writeTags(["one", "two"])
    #expect(reason().contains("tags.txt") && reason().contains("2 names for 3 classes"))
    try writeTags(["one", "two", "three"])
    try write(file(bias: 0, names: ["words", "something"]))
    #expect(reason().contains("confidence.json") && reason().contains("terms"))
    try Data("{}".utf8).write(to: model.folder.appendingPathComponent(ConfidenceFile.fileName))
    #expect(reason().contains("confidence.json"))
    try write(file(bias: 0))
    try FileManager.default.removeItem(at: model.folder.appendingPathComponent(ConfidenceFile.tensorsName))
    #expect(reason().contains("confidence.safetensors"))
  }
}
