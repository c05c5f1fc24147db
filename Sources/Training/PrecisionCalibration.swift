import Compute
import Files
import Foundation
import Language
import Media
import Narration
import Networks

/// Finds what a captioning model's encoder needs in order to calculate in fewer bits, and what that costs.
package struct PrecisionCalibration {
  private let folder: URL
  private let model: CaptionModel
  private let dataset: CaptionDataset
  private let threads: Int
  private let report: (TrainingEvent) throws -> Void

  /// - Parameters:
  ///   - folder: the model's
  ///   - data: a data folder with the splits `train` and `val`
  package init(
    model folder: URL, data: URL, threads: Int, report: @escaping (TrainingEvent) throws -> Void
  ) throws {
    self.folder = folder
    model = try CaptionModel(contentsOf: folder)
    dataset = try CaptionDataset(at: data)
    (self.threads, self.report) = (threads, report)
  }

  /// Writes the model's `precision.json`.
  /// - Parameters:
  ///   - pictures: of `train` that the ranges are measured on, evenly over the split
  ///   - options: how the validation captions are made
  package func run(pictures: Int, options: CaptionOptions) throws -> PrecisionFile {
    let ranges = try ranges(of: dataset.examples(in: "train"), count: pictures)
    let validation = try dataset.examples(in: "val")
    var cider: [Precision: Double] = [:]
    for precision in [EncoderPrecision.f32, .bf16, .int8(ranges: ranges)] where precision.name.isSupported {
      cider[precision.name] = try score(validation, precision, options)
    }
    let file = PrecisionFile(weights: model.weightsDigest, ranges: ranges, cider: cider)
    try WholeFile.write(file.encoded(), to: PrecisionFile.path(in: folder).path)
    return file
  }

  private func images(_ example: CaptionDataset.Example) throws -> [Image] {
    let side = model.configuration.encoder.inputSize
    if example.isVideo {
      let frames = model.configuration.decoder.places ?? 1
      return try evenFrames(of: example.files[0], count: frames, coveringSide: side)
    }
    return try example.files.map {
      try Picture(contentsOf: $0, options: DecodeOptions(coveringSide: side)).image
    }
  }

  /// The largest of the ranges over some of the examples, by layer.
  private func ranges(of examples: [CaptionDataset.Example], count: Int) throws -> [String: Float] {
    let chosen = (0..<min(count, examples.count)).map {
      examples[$0 * examples.count / min(count, examples.count)]
    }
    setThreadCount(threads)
    let encoder = try GridEncoder(
      model.configuration.encoder, weights: model.weights, Engine(), observes: true)
    var ranges: [String: Float] = [:]
    for (done, example) in chosen.enumerated() {
      for image in try images(example) {
        _ = encoder.encode(image)
        ranges.merge(encoder.outputRanges, uniquingKeysWith: max)
      }
      try report(.encoding(name: "ranges", done: done + 1, of: chosen.count))
    }
    // A layer that puts out nothing has a range nevertheless.
    return ranges.mapValues { max($0, 1e-3) }
  }

  /// CIDEr-D of the captions in a precision.
  private func score(
    _ examples: [CaptionDataset.Example], _ precision: EncoderPrecision, _ options: CaptionOptions
  ) throws -> Double {
    let first = try Captioner(
      model, name: folder.lastPathComponent, threads: 1, precision: precision)
    let captioners = try [first] + (1..<threads).map { _ in try first.copy() }
    let captions = Slots<[String]>(repeating: [], count: examples.count)
    let chunk = 16 * threads
    for start in stride(from: 0, to: examples.count, by: chunk) {
      let end = min(start + chunk, examples.count)
      try parallel(threads) { thread in
        for index in stride(from: start + thread, to: end, by: threads) {
          let best = try captioners[thread].caption(images(examples[index]), options: options)
          captions[index] = PTBTokenizer.words(best[0].text)
        }
      }
      try report(.validating(done: end, of: examples.count))
    }
    return CaptionScorer(references: CaptionEvaluation.words(examples)).scores(
      examples.indices.map { captions[$0] }
    ).corpus.ciderD
  }
}
