import Datasets
import Files
import Foundation

/// What an epoch of training reached.
package struct EpochMetrics: Codable, Equatable, Sendable {
  /// Counted from 1.
  package var epoch: Int
  /// Of a captioner's training.
  package var stage: TrainingStage?
  /// Optimizer steps since training, or its stage, began.
  package var steps: Int
  /// Mean cross-entropy of a word, in nats, label smoothing included; of self-critical training the mean negative
  /// log-probability of a word that was drawn.
  package var trainingLoss: Double
  /// Mean cross-entropy of a word on the validation split, without dropout and smoothing.
  package var validationLoss: Double?
  /// Mean of the captions that were drawn in training: CIDEr-D, less what they cost.
  package var reward: Double?
  package var cider: Double?
  package var bleu4: Double?
  /// CIDEr of each data set's validation split by its name, when there are several; `cider` is their mean.
  package var ciderBySource: [String: Double]?
  /// CHAIRs, CHAIRi and coverage of the validation captions, see `CaptionTruth`; of several data sets the mean.
  package var chairs: Double?
  package var chairi: Double?
  package var coverage: Double?
  /// Mean average precision of the words that are found in validation pictures.
  package var averagePrecision: Double?
  /// Of each data set, when there are several; `averagePrecision` is their mean.
  package var averagePrecisionBySource: [String: Double]?
  /// Of the validation translations, 0 to 100: see `TranslationBLEU` and `TranslationChrF`; of several languages the mean.
  package var bleu: Double?
  package var chrf: Double?
  /// Of each language, when there are several.
  package var bleuBySource: [String: Double]?
  /// Share of the validation clips labelled rightly.
  package var accuracy: Double?
  /// Of the boundaries between shots.
  package var f1: Double?
  package var precision: Double?
  package var recall: Double?
  package var tokensPerSecond: Double?
  /// Of the epoch, validation left out.
  package var seconds: Double?
  /// Of the epoch's last step.
  package var learningRate: Double?

  package init(
    epoch: Int, stage: TrainingStage? = nil, steps: Int, trainingLoss: Double, validationLoss: Double? = nil,
    reward: Double? = nil, cider: Double? = nil,
    bleu4: Double? = nil, ciderBySource: [String: Double]? = nil, accuracy: Double? = nil,
    f1: Double? = nil, precision: Double? = nil, recall: Double? = nil,
    tokensPerSecond: Double? = nil, seconds: Double? = nil,
    learningRate: Double? = nil
  ) {
    self.epoch = epoch
    self.stage = stage
    self.steps = steps
    self.reward = reward
    self.trainingLoss = trainingLoss
    self.validationLoss = validationLoss
    self.cider = cider
    self.bleu4 = bleu4
    self.ciderBySource = ciderBySource
    self.accuracy = accuracy
    self.f1 = f1
    self.precision = precision
    self.recall = recall
    self.tokensPerSecond = tokensPerSecond
    self.seconds = seconds
    self.learningRate = learningRate
  }
}

/// `metrics.jsonl`: a JSON object an epoch, one a line. What was not measured is left out; a loss that ran
/// away is the string `"NaN"` or `"Infinity"`.
package struct MetricsLog: Sendable {
  package let path: String

  package init(_ path: String) { self.path = path }

  /// Adds a line; the file is whole at every moment.
  package func append(_ metrics: EpochMetrics) throws {
    try write(try entries() + [metrics])
  }

  /// Epochs that a run may have, of all stages.
  private static let mostEpochs = 1_000_000
  /// Magnitude of a finite figure: it will be drawn.
  private static let largest = 1e100

  /// Whether an entry can be drawn.
  private static func isSound(_ entry: EpochMetrics) -> Bool {
    let values = [
      entry.trainingLoss, entry.validationLoss, entry.reward, entry.cider, entry.bleu4, entry.accuracy,
      entry.f1,
      entry.averagePrecision, entry.bleu,
    ]
    return 1...mostEpochs ~= entry.epoch
      && values.allSatisfy { value in value.map { !$0.isFinite || abs($0) <= largest } ?? true }
  }

  /// What the file holds; nothing when there is none.
  /// - Throws: `DataError` naming the line that is no entry.
  package func entries() throws -> [EpochMetrics] {
    guard DataFile.exists(path) else { return [] }
    let decoder = JSONDecoder()
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
      positiveInfinity: "Infinity", negativeInfinity: "-Infinity", nan: "NaN")
    let lines = try DataFile.bytes(path, longestLine: DataFile.longestLine).split(
      separator: UInt8(ascii: "\n"))
    return try lines.enumerated().map { index, line in
      do {
        let entry = try decoder.decode(EpochMetrics.self, from: Data(line))
        guard Self.isSound(entry) else {
          throw DataError(
            .damaged, path: path, location: "line \(index + 1)", reason: "not what training writes")
        }
        return entry
      } catch let error as DecodingError {
        let location = ["line \(index + 1)", error.location].compactMap { $0 }.joined(separator: ": ")
        throw DataError(.damaged, path: path, location: location, reason: error.reason)
      }
    }
  }

  /// Takes out what an interrupted run wrote after the checkpoint that training goes on from.
  /// - Parameter epoch: the checkpoint's, counted from 1; 0 takes out everything.
  package func truncate(after epoch: Int) throws {
    let all = try entries()
    let kept = all.filter { $0.epoch <= epoch }
    if kept.count < all.count { try write(kept) }
  }

  private func write(_ entries: [EpochMetrics]) throws {
    var bytes: [UInt8] = []
    for entry in entries {
      bytes += try JSON.encoded(entry, .line, namesNonFinite: true)
      bytes.append(UInt8(ascii: "\n"))
    }
    try WholeFile.write(bytes, to: path)
  }
}
