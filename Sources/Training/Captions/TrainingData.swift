import Datasets
import Foundation
import Networks

/// The data sets that are trained on together.
package struct TrainingData: Sendable {
  /// One `--data` argument: `DIR`, or `DIR=WEIGHT`.
  package struct Argument: Sendable, Equatable {
    package let path: String
    /// How often a picture is shown in an epoch: 1 is once; 0.5 shows a random half of them.
    package let weight: Double

    /// An epoch shows each picture so many times at most: it is planned in memory.
    package static let largestWeight = 1000.0

    /// - Returns: nil when what follows the last `=` is no positive number up to `largestWeight`. A folder with `=` in its name
    ///   needs a weight.
    package init?(_ argument: String) {
      guard let equals = argument.lastIndex(of: "=") else {
        guard !argument.isEmpty else { return nil }
        (path, weight) = (argument, 1)
        return
      }
      guard let weight = Double(argument[argument.index(after: equals)...]), weight > 0,
        weight <= Self.largestWeight, equals > argument.startIndex
      else { return nil }
      (path, self.weight) = (String(argument[..<equals]), weight)
    }
  }

  /// The pictures of one data set.
  package struct Source: Sendable {
    /// The file that lists the captions.
    package let path: String
    /// See `CaptionDataset.name`.
    package let name: String
    package let weight: Double
    /// Not empty.
    package let training: [CaptionDataset.Example]
    /// May be empty: one data set of several can do for validation.
    package let validation: [CaptionDataset.Example]
  }

  /// In the order of the arguments; at least one.
  package let sources: [Source]

  /// Whether there is more than pictures.
  var hasClips: Bool {
    sources.contains { source in
      (source.training + source.validation).contains { $0.isVideo || $0.files.count > 1 }
    }
  }

  /// Names all that training takes from the data: names, splits, captions and weights, in their order.
  var digest: String {
    var hash = ""
    for source in sources {
      var listed = "\(source.name)\u{0}\(source.weight)\u{0}\(hash)"
      for example in source.training + source.validation {
        listed += "\u{0}\u{0}\(example.id)\u{0}\(example.split)\u{0}"
        listed += example.captions.joined(separator: "\u{0}")
      }
      hash = Array(listed.utf8).withUnsafeBytes { XXHash64.hexadecimal($0) }
    }
    return hash
  }

  /// - Throws: `DataError` when a data set cannot be used, has no `train` split, or none of them has a `val`
  ///   split.
  package init(_ sets: [(dataset: CaptionDataset, weight: Double)]) throws {
    precondition(!sets.isEmpty)
    sources = try sets.map { set in
      let validates = set.dataset.examples.contains { $0.split == "val" }
      return Source(
        path: set.dataset.path, name: set.dataset.name, weight: set.weight,
        training: try set.dataset.examples(in: "train"),
        validation: validates ? try set.dataset.examples(in: "val") : [])
    }
    for (index, source) in sources.enumerated()
    where sources[..<index].contains(where: { $0.name == source.name }) {
      throw DataError(.unsupported, path: source.path, reason: "a second data set of the name \(source.name)")
    }
    if sources.allSatisfy(\.validation.isEmpty) { _ = try sets[0].dataset.examples(in: "val") }
  }

  /// Reads the data sets that `--data` names.
  package init(_ arguments: [Argument]) throws {
    try self.init(
      arguments.map { (try CaptionDataset(at: URL(fileURLWithPath: $0.path)), $0.weight) })
  }
}
