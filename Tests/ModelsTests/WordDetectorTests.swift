import Foundation
import Language
import Models
import Networks
import Tensors
import TestSupport
import Testing

@Suite struct WordDetectorTests {
  private static func detector(_ golden: SafetensorsFile) throws -> WordDetector {
    var none: RandomGenerator?
    let priors = [[Float]](repeating: [Float](repeating: 0.5, count: 7), count: 2)
    var detector = WordDetector(channels: 9, units: 5, priors: priors, using: &none)
    try detector.load("detector", from: golden)
    return detector
  }

  /// The targets as a pass takes them.
  private static func shares(_ golden: SafetensorsFile) throws -> [[Int: Float]] {
    let targets = try golden.tensor("targets", shape: [2, 7]).values
    return (0..<2).map { image in
      Dictionary(uniqueKeysWithValues: (0..<7).map { ($0, targets[image * 7 + $0]) }).filter { $0.value > 0 }
    }
  }

  /// `Fixtures/make_detector_golden.py`
  @Test func logitsLossAndEveryGradientEqualPyTorch() throws {
    let golden = try goldenFile("detector_golden")
    let (detector, arena) = (try Self.detector(golden), Arena())
    let features = try golden.tensor("features", shape: [12, 9])
    let pass = WordDetectorPass(
      detector, features: features.rows, images: 2, styles: [1, 0], arena: arena)
    try expectClose(pass.logits.tensor, golden, "logits")
    let loss = pass.loss(try Self.shares(golden), scale: 0.5) / 2
    #expect(abs(loss - Double(try golden.tensor("loss").values[0])) < 1e-5)
    var gradient = detector.zeros
    let featureGradient = arena.rows(12, 9)
    pass.backward(gradient: &gradient, features: featureGradient, arena: arena)
    try expectClose(featureGradient.tensor, golden, "featureGradient", tolerance: 1e-4)
    try expectGradients(gradient, equal: golden)
  }

  /// With dropout, whose masks the seed gives.
  @Test func gradientsMatchFiniteDifferences() throws {
    let golden = try goldenFile("detector_golden")
    let detector = try Self.detector(golden)
    let features = try golden.tensor("features", shape: [12, 9])
    let shares = try Self.shares(golden)
    func pass(_ detector: WordDetector, _ features: Tensor, _ arena: Arena) -> WordDetectorPass {
      WordDetectorPass(
        detector, features: features.rows, images: 2, styles: [1, 0], featureDropout: 0.3, unitDropout: 0.4,
        seed: 5, arena: arena)
    }
    func loss(_ detector: WordDetector, _ features: Tensor) -> Double {
      pass(detector, features, Arena()).loss(shares, scale: 1)
    }
    let arena = Arena()
    let computed = pass(detector, features, arena)
    _ = computed.loss(shares, scale: 1)
    var gradient = detector.zeros
    let featureGradient = arena.rows(12, 9)
    computed.backward(gradient: &gradient, features: featureGradient, arena: arena)
    func expect(_ name: String, _ found: Float, _ moved: (Float) -> Double) {
      let expected = (moved(2e-3) - moved(-2e-3)) / 4e-3
      #expect(
        abs(expected - Double(found)) < 3e-3 * max(0.1, abs(expected)), "\(name): \(found), \(expected)")
    }
    for parameter in detector.parameters {
      let values = gradient[keyPath: parameter.path].values
      for index in stride(from: 0, to: values.count, by: max(1, values.count / 6)) {
        expect("\(parameter.name)[\(index)]", values[index]) { by in
          var copy = detector
          copy[keyPath: parameter.path].mutablePointer[index] += by
          return loss(copy, features)
        }
      }
    }
    let found = featureGradient.tensor.values
    #expect(found.contains { $0 != 0 })
    for index in stride(from: 0, to: found.count, by: 7) {
      expect("features[\(index)]", found[index]) { by in
        var copy = features
        copy.mutablePointer[index] += by
        return loss(detector, copy)
      }
    }
  }

  /// Without features it says what people of the style say of any picture.
  @Test func itBeginsWithWhatIsSaidOfAnyPicture() {
    var none: RandomGenerator?
    let detector = WordDetector(channels: 4, units: 3, priors: [[0.25, 0], [1, 0.5]], using: &none)
    let (features, arena) = (Tensor(shape: [2, 4]), Arena())
    let pass = WordDetectorPass(detector, features: features.rows, images: 2, styles: [0, 1], arena: arena)
    let shares = pass.logits.tensor.values.map { 1 / (1 + exp(-$0)) }
    #expect(zip(shares, [0.25, 1e-4, 0.9999, 0.5]).allSatisfy { abs($0 - $1) < 1e-5 })
  }

  /// Ten pictures, each with a concept of its own.
  @Test func tenPicturesAreLearnedByHeart() {
    var random = Optional(RandomGenerator(seed: 4))
    let priors = [[Float](repeating: 0.1, count: 10)]
    var detector = WordDetector(channels: 8, units: 16, priors: priors, using: &random)
    let features = Tensor(shape: [10 * 4, 8], normal: 1, using: &random)
    let shares = (0..<10).map { [$0: Float(1)] }
    var optimizer = AdamW(detector)
    let arena = Arena()
    var (first, last) = (0.0, 0.0)
    for step in 0..<300 {
      arena.reset()
      let pass = WordDetectorPass(
        detector, features: features.rows, images: 10, styles: [Int](repeating: 0, count: 10), arena: arena)
      last = pass.loss(shares, scale: 0.1) / 10
      if step == 0 { first = last }
      var gradient = detector.zeros
      pass.backward(gradient: &gradient, features: nil, arena: arena)
      optimizer.update(&detector, gradient: gradient, rate: 0.02)
    }
    #expect(first > 2 && last < 0.05, "from \(first) to \(last)")
  }
}

@Suite struct FoundWordsTests {
  private let folder = try! TemporaryFolder()

  private func found() -> FoundWords {
    let concepts = Concepts([["a red dog", "a man"], ["a red cat", "a woman"]], pictures: 1)
    var random = Optional(RandomGenerator(seed: 6))
    let priors = [[Float]](repeating: [Float](repeating: 0.25, count: concepts.count), count: 2)
    return FoundWords(
      WordDetector(channels: EfficientNetLite.channels, units: 4, priors: priors, using: &random), concepts,
      styles: ["photos", "web"])
  }

  @Test func aFileHoldsThem() throws {
    let found = found()
    var writer = SafetensorsWriter()
    found.add(to: &writer)
    let path = folder.path("words.safetensors")
    try writer.write(to: path)
    let read = try #require(try FoundWords.read(from: SafetensorsFile(path: path)))
    #expect(read.concepts == found.concepts && read.styles == found.styles && read.detector.units == 4)
    var random = Optional(RandomGenerator(seed: 7))
    let features = Tensor(shape: [9, EfficientNetLite.channels], normal: 1, using: &random)
    func doubt(_ words: FoundWords, _ style: String?) -> Float {
      words.words(in: features.rows, style: style, arena: Arena()).doubt(of: .male)
    }
    #expect(abs(doubt(read, "web") - doubt(found, "web")) < 1e-3)
    // Of whom it does not know, it knows what all do in the mean.
    #expect(
      abs(doubt(read, "of nobody") - doubt(read, "photos")) < 1e-5 && doubt(read, nil) == doubt(read, "none"))
    var other = found
    for index in 0..<found.concepts.count { other.detector.style.mutablePointer[index] += 2 }
    var middle = found
    for index in 0..<2 * found.concepts.count { middle.detector.style.mutablePointer[index] += 1 }
    #expect(
      abs(doubt(other, nil) - doubt(middle, "photos")) < 1e-5 && doubt(other, nil) != doubt(other, "photos"))
    var without = SafetensorsWriter()
    without.add("other", Tensor(shape: [1]), half: false)
    try without.write(to: path)
    #expect(try FoundWords.read(from: SafetensorsFile(path: path)) == nil)
  }

  @Test func damagedOnesAreNamed() throws {
    let path = folder.path("words.safetensors")
    func reason(_ name: String, _ text: [UInt8]) throws -> String {
      let found = found()
      var writer = SafetensorsWriter()
      writer.add("detector", found.detector, half: true)
      let tables = [
        "detector.things": Array(found.concepts.things.text.utf8),
        "detector.words": Array(found.concepts.words.joined(separator: "\n").utf8),
        "detector.styles": Array("photos\nweb".utf8),
      ].merging([name: text]) { $1 }
      for (name, text) in tables.sorted(by: { $0.key < $1.key }) { writer.add(name, bytes: text) }
      try writer.write(to: path)
      do {
        _ = try FoundWords.read(from: SafetensorsFile(path: path))
        return ""
      } catch { return "\(error)" }
    }
    #expect(try reason("detector.other", [1]) == "")
    #expect(try reason("detector.things", Array("dog: dog, dog".utf8)).contains("line 1: dog stands twice"))
    #expect(try reason("detector.things", Array("dog: dog".utf8)).contains("words.safetensors"))
    #expect(try reason("detector.words", Array("cat\ncat".utf8)).contains("one twice"))
    #expect(try reason("detector.words", [0xff]).contains("not UTF-8"))
    #expect(try reason("detector.styles", Array("photos".utf8)).contains("detector.style"))
  }
}

@Suite struct PictureWordsTests {
  private static let concepts = Concepts(
    [["a red dog", "a man"], ["a red cat", "a blue bus", "a woman"]], pictures: 1)

  /// - Parameter sure: the concepts that everybody would name; nobody names any other
  private static func words(_ sure: [Int?]) -> PictureWords {
    PictureWords(concepts, logits: (0..<concepts.count).map { sure.contains($0) ? 20 : -20 })
  }

  private static func thing(_ name: String) -> Int? { concepts.things.things.firstIndex(of: name) }

  @Test func whatCaptionsSayIsSupportedOrNot() {
    let words = Self.words([
      Self.thing("dog"), Self.thing("person"), Self.concepts.index(of: .male),
      Self.concepts.index(ofWord: "red"),
    ])
    let good = words.support(of: "a man with a red dog")
    #expect(abs(good.seen - 2) < 1e-4 && good.unseen < 1e-4 && good.wrongSex < 1e-4)
    #expect(good.unsupportedColors < 1e-4 && good.cost < -0.99)
    let bad = words.support(of: "a woman on a blue and purple cat")
    #expect(abs(bad.seen - 1) < 1e-4 && abs(bad.unseen - 1) < 1e-4, "the woman is a person, the cat is none")
    #expect(abs(bad.wrongSex - 1) < 1e-4 && abs(bad.unsupportedColors - 2) < 1e-4)
    #expect(abs(bad.cost - (1 - 0.5 + 0.5 + 0.4)) < 1e-3)
    let nothing = words.support(of: "")
    #expect(nothing.cost == 0 && nothing.seen == 0 && nothing.unseen == 0)
  }

  /// Word by word the same, but for two words that are one thing.
  @Test func wordsCostWhatTheyAddToACaption() {
    let words = Self.words([Self.thing("dog"), Self.concepts.index(of: .male)])
    let vocabulary = Vocabulary(
      words: Vocabulary.specials + ["a", "dog", "cat", "woman", "red", "man", "hot"])
    let costs = words.costs(ConceptWords(Self.concepts, vocabulary), scale: 3)
    let hot = Self.words([Self.thing("hot dog")]).costs(ConceptWords(Self.concepts, vocabulary), scale: 1)
    #expect(hot[5] < -0.4 && hot[6] > 0.9, "the dog of a hot dog is seen")
    for (index, cost) in costs.enumerated() {
      let support = words.support(of: vocabulary.word(Int32(index)))
      #expect(abs(cost - 3 * support.cost) < 1e-4, "\(vocabulary.word(Int32(index)))")
    }
    #expect(costs[5] < -1.4 && costs[6] > 2.9 && costs[7] > 4.4 && costs[10] == 0)
  }

  @Test func whatIsExpectedOfWordsIsAVectorOfLengthOne() {
    let words = PictureWords(Self.concepts, logits: (0..<Self.concepts.count).map { _ in 0 })
    let vocabulary = Vocabulary(words: Vocabulary.specials + ["a", "dog", "lamp", "red"])
    let map = ConceptWords(Self.concepts, vocabulary)
    let expected = words.expected(map, rarities: [0, 0, 0, 0, 0.5, 3, 5, 4])
    #expect(zip(expected, [0, 0, 0, 0, 0, 0.6, 0, 0.8]).allSatisfy { abs($0 - $1) < 1e-6 }, "\(expected)")
    #expect(words.expected(map, rarities: [Float](repeating: 0, count: 8)).allSatisfy { $0 == 0 })
  }

  @Test func theSexesAreDoubtedByOneAnother() {
    let (male, female) = (Self.concepts.index(of: .male), Self.concepts.index(of: .female))
    let both = Self.words([male, female])
    #expect(both.doubt(of: .male) < 1e-4 && both.doubt(of: .female) < 1e-4)
    #expect(Self.words([male]).doubt(of: .female) > 0.99 && Self.words([male]).doubt(of: .male) < 1e-4)
    // Of whom nobody speaks nobody speaks wrongly.
    #expect(Self.words([]).doubt(of: .male) < 1e-4)
  }
}
