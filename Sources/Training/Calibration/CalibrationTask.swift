import Datasets
import Foundation
import Models
import Narration
import Networks

/// What every calibration of a captioning model works with.
package struct CalibrationTask {
  /// The model's.
  let folder: URL
  let model: CaptioningModel
  /// Told apart by their names.
  let data: [CaptionDataset]
  let threads: Int
  let report: (TrainingEvent) throws -> Void

  /// - Parameters:
  ///   - folder: the model's
  ///   - data: at least one
  ///   - report: told what happens; may throw to stop the run.
  package init(
    model folder: URL, data: [CaptionDataset], threads: Int, report: @escaping (TrainingEvent) throws -> Void
  ) throws {
    precondition(!data.isEmpty)
    self.folder = folder
    model = try CaptioningModel(contentsOf: folder)
    (self.data, self.threads, self.report) = (data, threads, report)
  }

  /// Where an imported model has not what is calibrated.
  var trainedModel: CaptionModel {
    get throws {
      switch model {
      case .trained(let model): model
      // Which says so.
      case .imported: try CaptionModel(contentsOf: folder)
      }
    }
  }

  /// The validation pictures of a data set.
  typealias Held = (name: String, examples: [CaptionDataset.Example])

  /// Those of the data sets that have some, at least one.
  var held: [Held] {
    get throws {
      let held = try data.filter { $0.splits.contains("val") }.map { ($0.name, try $0.examples(in: "val")) }
      guard !held.isEmpty else {
        throw DataError(.insufficient, path: data[0].path, reason: "no picture of the split val")
      }
      return held
    }
  }

  /// The data sets with the split `train`, at least one of them with `val`.
  var sources: [TrainingData.Source] {
    get throws { try TrainingData(data.map { (dataset: $0, weight: 1) }).sources }
  }

  /// All calibrations of a model that was just trained, each with what it is by default, in the order in which one needs the
  /// other. What the data is too small for is left out.
  /// - Parameters:
  ///   - encoder: the weights that training began with
  ///   - tell: the name of a calibration, and what it found, or why it was left out
  package static func runAll(
    model folder: URL, encoder: SafetensorsFile, data: [CaptionDataset], threads: Int,
    report: @escaping (TrainingEvent) throws -> Void, tell: (_ name: String, _ text: String) throws -> Void
  ) throws {
    func run(_ name: String, _ calibrate: (CalibrationTask) throws -> String) throws {
      do {
        // The model anew, since the one before may have changed it.
        let task = try CalibrationTask(model: folder, data: data, threads: threads, report: report)
        try tell(name, calibrate(task))
      } catch let error as DataError where error.kind == .insufficient {
        try tell(name, "left out: \(error)\n")
      }
    }
    let hasClassifier = encoder.shape(of: "classifier.weight") != nil
    if hasClassifier, try hasLearned(CaptionModel(contentsOf: folder).weights, since: encoder) {
      try run("tags") { try TagCalibration($0, original: encoder).run().text }
    }
    try run("reranker") { try RerankerCalibration($0, precision: .auto).run().text }
    try run("precision") { try PrecisionCalibration($0).run().text }
    if hasClassifier {
      try run("confidence") { try ConfidenceCalibration($0, precision: .auto).run().text }
    }
  }

  /// Whether a model's encoder is another than that of a weights file, of any precision.
  private static func hasLearned(_ model: SafetensorsFile, since encoder: SafetensorsFile) throws -> Bool {
    try encoder.names.contains { name in
      guard name.hasPrefix("encoder.") else { return false }
      let (now, before) = (try model.tensor(name).values, try encoder.tensor(name).values)
      return now != before.map { Float(Float16($0)) }
    }
  }
}
