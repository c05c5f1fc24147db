import Compute
import Foundation
import Media
import Narration
import Networks
import Tensors

/// Fits the ImageNet classifier to a model whose encoder was trained further: the model learns to say of pictures what the
/// original network says (Hinton et al. 2015).
package struct TagCalibration {
  private let folder: URL
  private let model: CaptionModel
  private let original: SafetensorsFile
  private let examples: [CaptionDataset.Example]
  private let threads: Int
  private let report: (TrainingEvent) throws -> Void

  /// How often the likeliest class is the original's, of the pictures held out.
  package struct Agreement {
    package let pictures: Int
    package let before, after: Double
  }

  /// - Parameters:
  ///   - folder: the model's
  ///   - original: weights with the tensors of encoder and classifier
  ///   - data: folders with the split `train`
  package init(
    model folder: URL, original: String, data: [URL], threads: Int,
    report: @escaping (TrainingEvent) throws -> Void
  ) throws {
    self.folder = folder
    model = try CaptionModel(contentsOf: folder)
    self.original = try SafetensorsFile(path: original)
    examples = try data.flatMap { try CaptionDataset(at: $0).examples(in: "train") }
    (self.threads, self.report) = (threads, report)
  }

  /// Replaces the classifier in the model's weights file.
  /// - Parameters:
  ///   - count: most pictures, evenly over the data; every tenth is held out.
  ///   - epochs: times that each is learned from
  package func run(pictures count: Int, epochs: Int) throws -> Agreement {
    let count = min(count, examples.count)
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
      try report(.encoding(name: "classifier", done: epoch, of: epochs))
    }
    try write(fit.classifier)
    return Agreement(pictures: fit.held.count, before: before, after: fit.agreement)
  }

  /// The mean of each picture's grid; of a clip its first frame's.
  private func means(
    _ weights: SafetensorsFile, _ examples: [CaptionDataset.Example], _ name: String
  ) throws -> [[Float]] {
    setThreadCount(1)
    let encoders = try GridEncoder(model.configuration.encoder, weights: weights, Engine()).forWorkers(
      threads)
    let means = Slots<[Float]>(repeating: [], count: examples.count)
    let chunk = 16 * threads
    for start in stride(from: 0, to: examples.count, by: chunk) {
      let end = min(start + chunk, examples.count)
      try parallel(threads) { thread in
        for index in stride(from: start + thread, to: end, by: threads) {
          let image = try examples[index].images(for: model)[0]
          means[index] = ImageClassifier.mean(
            encoders[thread].encode(image), positions: encoders[thread].positions)
        }
      }
      try report(.encoding(name: name, done: end, of: examples.count))
    }
    return examples.indices.map { means[$0] }
  }

  private func write(_ classifier: Linear) throws {
    var metadata = model.weights.metadata
    metadata["checksum"] = nil
    var writer = SafetensorsWriter(metadata: metadata)
    for name in model.weights.names where !name.hasPrefix("classifier.") {
      writer.add(name, try model.weights.tensor(name), half: true)
    }
    writer.add("classifier", classifier, half: true)
    try writer.write(to: folder.appendingPathComponent("model.safetensors").path)
  }
}
