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
  private let resuming: Bool
  private let processes: ProcessGroup
  private let report: (TrainingEvent) throws -> Void
  private let digest: String
  /// What training begins with.
  private let network: CaptionNetwork
  /// What self-critical training began with.
  private var firstDecoder: CaptionDecoder?

  /// - Parameters:
  ///   - encoder: a weights file with the encoder's tensors under `encoder`.
  ///   - base: a model to go on from; nil begins with a decoder of random weights.
  ///   - processes: those that train together
  ///   - report: told what happens; may throw to stop the run after the current step.
  package init(
    data: TrainingData, settings: CaptionSettings, encoder: SafetensorsFile,
    base: CaptionModel? = nil, output folder: URL, cache: URL, threads: Int, resuming: Bool,
    processes: ProcessGroup = .alone, report: @escaping (TrainingEvent) throws -> Void
  ) throws {
    (self.settings, self.data, self.encoder) = (settings, data, encoder)
    (self.cache, self.threads, self.resuming) = (cache, threads, resuming)
    (self.processes, self.report) = (processes, report)
    captions = TrainingCaptions(data, settings)
    let sizes = settings.sizes(words: captions.vocabulary.count, data)
    var random = Optional(RandomGenerator(seed: settings.seed))
    var network = CaptionNetwork(decoder: CaptionDecoder(sizes, using: &random))
    if let base {
      try network.decoder.adapt(base, words: captions.vocabulary, styles: data.sources.map(\.name))
    }
    self.network = network
    output = try CaptionOutput(
      folder, settings: settings, data: data, vocabulary: captions.vocabulary)
    digest = try settings.digest(
      "\(encoder.digest(of: "encoder.")) \(base?.weightsDigest ?? "") \(data.digest) "
        + settings.optimization.precision.effective.rawValue)
    _ = try processes.share(of: settings.optimization.shards)
  }

  /// Trains through all stages, each until its last epoch, or until `patience` epochs went by without a better score.
  package func run() throws {
    var (network, task) = (network, CaptionTask?.none)
    try processes.train(digest, leading: lead) { progress in
      network.encoder = try layers(of: progress.stage)
      task = try self.task(progress, network)
    } step: { progress, weights in
      guard let task else { preconditionFailure("a step before a stage") }
      network.set(weights)
      return (try task.step(network, at: progress), task.gradient)
    }
  }

  private func lead() throws {
    let training = try TrainingRun(
      network, settings.optimizer, progress: TrainingProgress(stage: settings.stages[0]),
      in: output.folder, digest: digest, resuming: resuming, processes: processes, report: report
    ) { network, progress in
      network.encoder = try layers(of: progress.stage)
    }
    if training.progress.hasBegun, training.progress.stage == .selfCritical {
      firstDecoder = try output.firstDecoder(network.decoder.sizes, digest: digest)
    }
    let patience = settings.optimization.patience
    for stage in settings.stages where training.progress.stage.isSameOrBefore(stage) {
      if training.progress.stage != stage || !training.progress.hasBegun { try begin(stage, of: training) }
      let epochs = settings.epochs(of: stage)
      guard training.progress.isBefore(end: epochs, patience: patience) else { continue }
      let task = try task(training.progress, training.network)
      // What features the task has stored, others may read.
      processes.begin(training.progress)
      try training.train(task, epochs: epochs, patience: patience)
    }
    try training.finish()
  }

  /// The encoder's layers that learn in a stage.
  private func layers(of stage: TrainingStage) throws -> EncoderWeights {
    stage == .fineTuning ? try settings.learningLayers(of: encoder) : EncoderWeights([])
  }

  private func task(_ progress: TrainingProgress, _ network: CaptionNetwork) throws -> CaptionTask {
    try CaptionTask(
      progress.stage, data, settings, captions, network,
      encoder: progress.hasFineTuned ? output.fineTunedEncoder : encoder,
      firstDecoder: firstDecoder, output: output, cache: cache, threads: threads, processes: processes,
      report: report)
  }

  /// Goes on with the moving average of the weights.
  private func begin(_ stage: TrainingStage, of training: TrainingRun<CaptionNetwork>) throws {
    var network = training.optimizer.step > 0 ? training.optimizer.average : training.network
    if training.progress.stage == .fineTuning, stage != .fineTuning, training.optimizer.step > 0 {
      try output.writeEncoder(network, from: encoder)
      training.progress.hasFineTuned = true
    }
    if stage == .selfCritical {
      firstDecoder = network.decoder
      try output.writeDecoder(network.decoder, digest: digest)
    }
    network.encoder = try layers(of: stage)
    training.begin(stage, with: network)
  }
}
