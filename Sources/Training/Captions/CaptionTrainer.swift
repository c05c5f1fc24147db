import Foundation
import Language
import Models
import Narration
import Networks
import Tensors

/// Trains a captioner and writes its model folder: see `TrainingStage`.
///
/// The output folder holds the model (the moving average of the weights that scored best on validation), the
/// checkpoint, `metrics.jsonl` and its plot.
package final class CaptionTrainer {
  private let settings: CaptionSettings
  private let data: TrainingData
  private let encoder: SafetensorsFile
  private let cache: URL
  private let captions: TrainingCaptions
  private let output: CaptionOutput
  private let threads: Int
  private let report: (TrainingEvent) throws -> Void
  private let digest: String
  private let training: TrainingRun<CaptionNetwork>
  /// What self-critical training began with.
  private var firstDecoder: CaptionDecoder?

  /// - Parameters:
  ///   - encoder: a weights file with the encoder's tensors under `encoder`.
  ///   - base: a model to go on from; nil begins with a decoder of random weights.
  ///   - report: told what happens; may throw to stop the run after the current step.
  package init(
    data: TrainingData, settings: CaptionSettings, encoder: SafetensorsFile,
    base: CaptionModel? = nil, output folder: URL,
    cache: URL, threads: Int, resuming: Bool, report: @escaping (TrainingEvent) throws -> Void
  ) throws {
    (self.settings, self.data, self.encoder) = (settings, data, encoder)
    (self.cache, self.threads, self.report) = (cache, threads, report)
    captions = TrainingCaptions(data, settings)
    let sizes = settings.sizes(words: captions.vocabulary.count, data)
    var random = Optional(RandomGenerator(seed: settings.seed))
    var network = CaptionNetwork(decoder: CaptionDecoder(sizes, using: &random))
    if let base {
      try network.decoder.adapt(base, words: captions.vocabulary, styles: data.sources.map(\.name))
    }
    output = try CaptionOutput(
      folder, settings: settings, data: data, vocabulary: captions.vocabulary)
    digest = try settings.digest(
      "\(encoder.digest(of: "encoder.")) \(base?.weightsDigest ?? "") \(data.digest)")
    training = try TrainingRun(
      network, settings.optimizer, progress: TrainingProgress(stage: settings.stages[0]),
      in: folder, digest: digest, resuming: resuming, report: report
    ) { network, progress in
      if progress.stage == .fineTuning {
        network.encoder = try settings.learningLayers(of: encoder)
      }
    }
    if training.progress.hasBegun, training.progress.stage == .selfCritical {
      firstDecoder = try output.firstDecoder(sizes, digest: digest)
    }
  }

  /// Trains through all stages, each until its last epoch, or until `patience` epochs went by without a better score.
  package func run() throws {
    let patience = settings.optimization.patience
    for stage in settings.stages where training.progress.stage.isSameOrBefore(stage) {
      if training.progress.stage != stage || !training.progress.hasBegun { try begin(stage) }
      let epochs = settings.epochs(of: stage)
      guard training.progress.isBefore(end: epochs, patience: patience) else { continue }
      let task = try CaptionTask(
        stage, data, settings, captions, training.network,
        encoder: training.progress.hasFineTuned ? output.fineTunedEncoder : encoder,
        firstDecoder: firstDecoder, output: output, cache: cache, threads: threads, report: report)
      try training.train(task, epochs: epochs, patience: patience)
    }
    try training.finish()
  }

  /// Goes on with the moving average of the weights.
  private func begin(_ stage: TrainingStage) throws {
    var network = training.optimizer.step > 0 ? training.optimizer.average : training.network
    if training.progress.stage == .fineTuning, stage != .fineTuning, training.optimizer.step > 0 {
      try output.writeEncoder(network, from: encoder)
      training.progress.hasFineTuned = true
    }
    if stage == .selfCritical {
      firstDecoder = network.decoder
      try output.writeDecoder(network.decoder, digest: digest)
    }
    network.encoder =
      stage == .fineTuning ? try settings.learningLayers(of: encoder) : EncoderWeights([])
    training.begin(stage, with: network)
  }
}
