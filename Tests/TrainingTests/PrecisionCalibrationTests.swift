import Datasets
import Foundation
import Language
import Media
import Models
import Narration
import Testing
import Training

@Suite struct PrecisionCalibrationTests {
  private func calibration(
    _ laboratory: Laboratory, _ model: URL, _ data: [String], threads: Int = 2,
    report: @escaping (TrainingEvent) -> Void = { _ in }
  ) throws -> PrecisionCalibration {
    try PrecisionCalibration(laboratory.task(model, data, threads: threads, report: report))
  }

  @Test(.enabled(if: Precision.int8.isSupported)) func itLetsTheEncoderCalculateInBytes() throws {
    let laboratory = try Laboratory()
    let folder = try laboratory.train("run")
    #expect(try CaptionEngine(model: folder).precision == .f32)
    var events = 0
    let calibration = try calibration(laboratory, folder, ["data"]) { _ in events += 1 }
    let file = try calibration.run(pictures: 4, options: CaptionOptions())
    #expect(events >= 6)
    #expect(file.cider[.f32] != nil && file.cider[.int8] != nil && file.cider[.auto] == nil)
    #expect(file.ciderBySource == ["data": file.cider])
    #expect(try CaptionEngine(model: folder, precision: .int8).precision == .int8)
  }

  /// Each in its own style, a clip by all its frames; more threads than examples.
  @Test func severalDataSetsCountTheSame() throws {
    let laboratory = try Laboratory()
    try laboratory.addClips()
    let folder = try laboratory.train("run", on: ["data", "clips"])
    var measured = 0
    let calibration = try calibration(laboratory, folder, ["clips", "data"], threads: 5) { event in
      if case .encoding(_, _, let count) = event { measured = count }
    }
    let file = try calibration.run(pictures: 9, options: CaptionOptions())
    #expect(measured == 9, "four clips are all there are, and five pictures")

    let captioner = try CaptionEngine(model: folder, precision: .f32)
    func cider(_ name: String, style: String) throws -> Double {
      let examples = try CaptionDataset(at: laboratory.output(name)).examples(in: "val")
      var options = CaptionOptions()
      options.style = style
      let captions = try examples.map { example in
        let images = try example.files.map { try Picture(contentsOf: $0).image }
        return PTBTokenizer.words(try captioner.caption(images, options: options)[0].text)
      }
      return CaptionScorer(references: CaptionEvaluation.words(examples)).scores(captions).corpus.ciderD
    }
    let scores = try ["clips", "data"].map { try cider($0, style: $0) }
    let sources = try #require(file.ciderBySource)
    #expect(sources.keys.sorted() == ["clips", "data"])
    #expect(sources["clips"]?[.f32] == scores[0] && sources["data"]?[.f32] == scores[1])
    for (precision, mean) in file.cider {
      let sum = sources.values.compactMap { $0[precision] }.reduce(0, +)
      #expect(abs(mean - sum / 2) < 1e-12)
    }

    var options = CaptionOptions()
    options.style = "data"
    let inOne = try calibration.run(pictures: 1, options: options)
    #expect(try inOne.ciderBySource?["clips"]?[.f32] == cider("clips", style: "data"))
    options.style = "verse"
    #expect(throws: StyleError.self) { try calibration.run(pictures: 1, options: options) }
  }

  @Test func twoDataSetsOfOneNameAreRefused() throws {
    let laboratory = try Laboratory()
    laboratory.settings.optimization.epochs = 1
    let folder = try laboratory.train("run")
    #expect { try calibration(laboratory, folder, ["data", "data"]) } throws: { error in
      (error as? DataError)?.reason == "a second data set of the name data"
    }
  }

  @Test func picturesAreDrawnEvenly() {
    func spread(_ count: Int, _ sizes: [Int]) -> [[Int]] {
      let sets = sizes.indices.map { set in (0..<sizes[set]).map { (set, $0) } }
      let drawn = PrecisionCalibration.spread(count, over: sets)
      return sizes.indices.map { set in drawn.filter { $0.0 == set }.map { $0.1 } }
    }
    #expect(spread(4, [8]) == [[0, 2, 4, 6]])
    #expect(spread(6, [9, 9, 9]) == [[0, 4], [0, 4], [0, 4]])
    #expect(spread(9, [20, 2, 4]) == [[0, 5, 10, 15], [0, 1], [0, 1, 2]])
    #expect(spread(100, [3, 0, 1]) == [[0, 1, 2], [], [0]])
    #expect(spread(1, [3, 5]) == [[], [0]])
  }
}
