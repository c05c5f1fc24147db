import Networks

/// What is trained: everything of a `TrainingRun` that is not the same for all networks.
///
/// What it does must follow from its settings and the `TrainingProgress` alone, so that a resumed run equals an unbroken one.
protocol TrainingTask<Network> {
  associatedtype Network: Learned
  /// What is known of a model after validation.
  associatedtype Validation

  /// Its steps are the batches of an epoch.
  var schedule: LearningRateSchedule { get }
  /// What one of `BatchLoss.count` stands for in the speed that is shown: words, clips or frames.
  var itemsPerCount: Int { get }

  /// Computes the loss of the next batch and its `gradient`: the part of the shards that are this process's.
  func step(_ network: Network, at progress: TrainingProgress) throws -> BatchLoss
  /// Of the last step.
  var gradient: Network { get }
  /// A tensor's learning rate as a share of the schedule's.
  func rateShare(of tensor: String) -> Double

  /// What an average of the weights is used as.
  func model(_ average: Network) -> Network
  func validate(_ model: Network) throws -> Validation
  /// What must rise for a model to be the best so far.
  func score(_ validation: Validation) -> Double
  /// Adds what validation found to an epoch's metrics.
  func note(_ validation: Validation, at progress: TrainingProgress, in metrics: inout EpochMetrics)
  /// Writes the model's files.
  func save(_ model: Network, _ validation: Validation) throws
}

extension TrainingTask {
  var itemsPerCount: Int { 1 }
  func rateShare(of tensor: String) -> Double { 1 }
  func model(_ average: Network) -> Network { average }
}
