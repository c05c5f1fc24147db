import Language
import Media
import Models
import Narration
import Networks
import Tensors
import Testing

/// A captioner that says "man" of everything, with a detector that knows better, or not.
@Suite struct PeopleWordingTests {
  private let image = Image(width: 64, height: 64, pixels: [UInt8](repeating: 90, count: 64 * 64 * 3))
  private static let words = ["man", "red", "car", "runs"]

  /// - Parameter seen: what everybody would name, whatever the picture; nobody any other
  private static func detector(_ seen: (Concepts) -> [Int?]) -> FoundWords {
    let concepts = Concepts([["a man", "a woman", "a red car"]], pictures: 1)
    let sure = seen(concepts)
    var none: RandomGenerator?
    let prior = (0..<concepts.count).map { sure.contains($0) ? Float(1) : 0 }
    let detector = WordDetector(
      channels: EfficientNetLite.channels, units: 2, priors: [prior], using: &none)
    return FoundWords(detector, concepts, styles: ["photos"])
  }

  private func said(_ detector: FoundWords?, _ people: PeopleWording) throws -> [Caption.Word] {
    let model = try TinyModel(words: Self.words, detector: detector)
    return try CaptionEngine(model: model.folder).caption(
      image, options: CaptionOptions(maximumWords: 4, people: people))[0].words
  }

  @Test func aDoubtfulSexIsNotTold() throws {
    let female = Self.detector { [$0.index(of: .female)] }
    let guessed = try said(female, .guess)
    #expect(guessed.contains { $0.text == "man" })
    for people in [PeopleWording.cautious, .neutral] {
      let careful = try said(female, people)
      #expect(careful.map(\.text) == guessed.map { $0.text == "man" ? "person" : $0.text })
      #expect(careful.map(\.probability) == guessed.map(\.probability))
      #expect(careful.map(\.attention) == guessed.map(\.attention))
    }
  }

  /// Those who choose for themselves get as many sentences as are searched for one caption, whatever `top` asks for.
  @Test func aBeamIsAsWideAsItIsAskedToBe() throws {
    let model = try TinyModel(words: Self.words, detector: Self.detector { [$0.index(of: .female)] })
    let engine = try CaptionEngine(model: model.folder)
    let options = CaptionOptions(beamWidth: 3, top: 3, maximumWords: 4)
    let beam = try engine.beam(engine.features(of: image), options: options)
    let best = try engine.caption(image, options: CaptionOptions(maximumWords: 4))
    #expect(beam.count == 3 && beam[0].text == best[0].text)
    #expect(beam.allSatisfy { !$0.text.contains("man") && $0.candidate != nil })
    #expect(beam.map(\.logProbability) == beam.map(\.logProbability).sorted(by: >))
  }

  @Test func aSureOneIsTold() throws {
    let male = Self.detector { [$0.index(of: .male)] }
    #expect(try said(male, .cautious) == said(male, .guess))
    #expect(try said(male, .neutral).contains { $0.text == "person" })
  }

  /// Without a detector nobody knows, and captions are as they were learned.
  @Test func withoutADetectorCautionChangesNothing() throws {
    let model = try TinyModel()
    let engine = try CaptionEngine(model: model.folder)
    let captions = try [PeopleWording.guess, .cautious].map { people in
      try engine.caption(image, options: CaptionOptions(people: people))
    }
    #expect(captions[0] == captions[1] && captions[0][0].support == nil)
  }

  /// What nobody sees is left out of the search, if the model's reranker says so.
  @Test func whatNobodySeesIsNotSearched() throws {
    let model = try TinyModel(
      words: Self.words, detector: Self.detector { [$0.things.things.firstIndex(of: "car")] })
    func captions(_ guidance: Float) throws -> [Caption] {
      var parts = twoLandmarks(vocabulary: Vocabulary.specials.count + Self.words.count, styles: 1)
      parts.words = Tensor(shape: [2], values: [4, 5])
      try CaptionReranker.write(
        parts, .init(guidance: guidance),
        phrases: FamiliarPhrases(twoPhrases.table, qualifiers: [], cost: 0),
        of: CaptionModel(contentsOf: model.folder), in: model.folder)
      return try CaptionEngine(model: model.folder).caption(
        image, options: CaptionOptions(beamWidth: 2, maximumWords: 4, people: .guess))
    }
    func naming(_ captions: [Caption]) -> Int { captions.count { $0.text.contains("man") } }
    let (before, after) = (try captions(0), try captions(40))
    #expect(naming(before) > 0 && naming(after) == 0, "\(before.map(\.text)) \(after.map(\.text))")
  }

  /// How it is said changes nothing of how sure it is, and one that was asked for is not lost because two became one.
  @Test func wordingLeavesTheRest() throws {
    let model = try TinyModel(
      words: ["man", "woman", "guy", "runs"], detector: Self.detector { [$0.index(of: .male)] })
    let engine = try CaptionEngine(model: model.folder)
    func captions(_ people: PeopleWording, top: Int) throws -> [Caption] {
      try engine.caption(image, options: CaptionOptions(top: top, maximumWords: 3, people: people))
    }
    let (guessed, neutral) = (try captions(.guess, top: 1)[0], try captions(.neutral, top: 1)[0])
    #expect(guessed.text != neutral.text && guessed.statistics == neutral.statistics)
    #expect(guessed.confidence == neutral.confidence && guessed.logProbability == neutral.logProbability)
    for top in [2, 3, 4] {
      let found = try captions(.neutral, top: top)
      #expect(found.count == top && Set(found.map(\.text)).count == top, "\(found.map(\.text))")
    }
  }

  @Test func whatIsSeenIsCounted() throws {
    let detector = Self.detector { concepts in
      [concepts.index(of: .male), concepts.things.things.firstIndex(of: "person")]
    }
    let model = try TinyModel(words: Self.words, detector: detector)
    let engine = try CaptionEngine(model: model.folder)
    let support = try #require(try engine.caption(image)[0].support)
    #expect(abs(support.seen - 1) < 1e-3 && support.wrongSex < 1e-3)
    let features = Tensor(shape: [4, EfficientNetLite.channels])
    #expect(try #require(engine.words(in: features.rows, style: 0)).doubt(of: .female) > 0.99)
  }
}
