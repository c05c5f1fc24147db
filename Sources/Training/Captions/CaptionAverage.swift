import Foundation
import Models
import Networks
import Tensors

/// The mean of captioning models that began alike and learned apart: each has its own mistakes, and they have fewer together, in
/// the size of one (model soups, Wortsman et al. 2022).
package struct CaptionAverage {
  private let models: [CaptionModel]
  /// Each model's part, together 1.
  private let shares: [Double]

  /// - Parameter parts: model folders of one configuration and vocabulary, and how much each counts beside the others; not empty
  /// - Throws: `ModelError` of the first folder that is no model, or not like the first.
  package init(_ parts: [(folder: URL, weight: Double)]) throws {
    precondition(!parts.isEmpty, "no models")
    models = try parts.map { try CaptionModel(contentsOf: $0.folder) }
    // The largest first: a sum of large weights may be infinite.
    let largest = parts.map(\.weight).max() ?? 1
    let weights = parts.map { $0.weight / largest }
    shares = weights.map { $0 / weights.reduce(0, +) }
    _ = try models[0].decoder()
    for (model, part) in zip(models, parts).dropFirst() {
      if let reason = try Self.difference(of: model, from: models[0]) {
        throw ModelError.damaged(path: part.folder.path, reason: "\(reason) than \(parts[0].folder.path)")
      }
    }
  }

  private static func difference(of model: CaptionModel, from first: CaptionModel) throws -> String? {
    if model.configuration != first.configuration { return "another configuration" }
    if model.vocabulary != first.vocabulary { return "another vocabulary" }
    let (mine, its) = (model.weights, first.weights)
    guard mine.names == its.names else { return "other tensors" }
    for name in mine.names {
      guard mine.shape(of: name) == its.shape(of: name), mine.isOfBytes(name) == its.isOfBytes(name) else {
        return "another shape of \(name)"
      }
      if mine.isOfBytes(name), try mine.bytes(name) != its.bytes(name) { return "another \(name)" }
    }
    return nil
  }

  /// Writes the mean as a model folder, in half precision. What is not learned, such as a detector's words, is what all have.
  /// - Throws: `FileError`; `HalfPrecisionError`.
  package func write(to folder: URL) throws {
    let first = models[0]
    try ModelFolder(folder).write(
      first.configuration, texts: [(CaptionModel.vocabularyName, first.vocabulary.encoded)]
    ) { writer in
      for name in first.weights.names {
        guard !first.weights.isOfBytes(name) else {
          try writer.add(name, from: first.weights)
          continue
        }
        writer.add(name, try mean(name), half: true)
      }
    }
  }

  private func mean(_ name: String) throws -> Tensor {
    let parts = try models.map { try $0.weights.tensor(name) }
    var mean = Tensor(shape: parts[0].shape)
    let sums = mean.mutablePointer
    for index in 0..<mean.count {
      // What all have stays, a negative zero too.
      var sum = -0.0
      for (part, share) in zip(parts, shares) { sum += share * Double(part.pointer[index]) }
      sums[index] = Float(sum)
    }
    withExtendedLifetime(parts) {}
    return mean
  }
}
