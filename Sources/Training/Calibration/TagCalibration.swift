import Compute
import Datasets
import Foundation
import Media
import Models
import Narration
import Networks
import Tensors

/// Fits the ImageNet classifier to a model whose encoder was trained further: the model learns to say of pictures what the
/// original network says (Hinton et al. 2015).
package struct TagCalibration {
  private let task: CalibrationTask
  private let original: SafetensorsFile
  private let examples: [CaptionDataset.Example]
  private let model: CaptionModel

  /// What `narrate calibrate tags` takes by default.
  package static let pictures = 4000
  package static let epochs = 10
  /// So that one at least is held out.
  private static let leastPictures = 10

  /// How often the likeliest class is the original's, of the pictures held out.
  package struct Agreement {
    package let pictures: Int
    package let before, after: Double

    package var text: String {
      String(
        format: "top class as the original's, of %d pictures held out: %.1f %% before, %.1f %% after\n",
        pictures, before * 100, after * 100)
    }
  }

  /// - Parameters:
  ///   - task: its data sets have the split `train`.
  ///   - original: weights with the tensors of encoder and classifier
  package init(_ task: CalibrationTask, original: SafetensorsFile) throws {
    (self.task, self.original) = (task, original)
    model = try task.trainedModel
    examples = try task.data.flatMap { try $0.examples(in: "train") }
  }

  /// Replaces the classifier in the model's weights file.
  /// - Parameters:
  ///   - count: most pictures, evenly over the data; every tenth is held out.
  ///   - epochs: times that each is learned from
  package func run(pictures count: Int = Self.pictures, epochs: Int = Self.epochs) throws -> Agreement {
    let count = min(count, examples.count)
    guard count >= Self.leastPictures else {
      throw DataError(
        .insufficient, path: task.data[0].path,
        reason: "\(count) training pictures; \(Self.leastPictures) are needed")
    }
    let chosen = (0..<count).map { examples[$0 * examples.count / count] }
    let old = try ImageClassifier(from: original)
    let start = try Linear(
      weight: original.tensor("classifier.weight"), bias: original.tensor("classifier.bias"))
    let learned = try means(model.weights, chosen, "model")
    let targets = try means(original, chosen, "original").map(old.logits(mean:))
    var fit = ClassifierFit(start, features: learned, logits: targets)
    let before = fit.agreement
    for epoch in 1...epochs {
      fit.learn(epoch: epoch, of: epochs)
      try task.report(.encoding(name: "classifier", done: epoch, of: epochs))
    }
    try write(fit.classifier)
    return Agreement(pictures: fit.held.count, before: before, after: fit.agreement)
  }

  /// The mean of each picture's grid; of a clip its first frame's.
  private func means(
    _ weights: SafetensorsFile, _ examples: [CaptionDataset.Example], _ name: String
  ) throws -> [[Float]] {
    let encoders = try ThreadTeam.single.run {
      try GridEncoder(
        model.configuration.encoder, weights: weights, Engine(),
        preprocessing: model.configuration.preprocessing
      ).forWorkers(task.threads)
    }
    return try parallelMap(
      examples, by: encoders, chunk: 16 * task.threads,
      progress: { try task.report(.encoding(name: name, done: $0, of: examples.count)) },
      work: { [model] encoder, example in
        try ImageClassifier.mean(encoder.encode(example.images(for: model)[0]))
      })
  }

  private func write(_ classifier: Linear) throws {
    var metadata = model.weights.metadata
    metadata["checksum"] = nil
    var writer = SafetensorsWriter(metadata: metadata)
    for name in model.weights.names where !name.hasPrefix("classifier.") {
      try writer.add(name, from: model.weights)
    }
    writer.add("classifier", classifier, half: true)
    try ModelFolder(task.folder).write([(ModelFolder.weightsName, writer.encoded())])
  }
}
