import Files
import Foundation

/// How often each label was taken for each.
package struct ConfusionMatrix: Sendable, Equatable {
  package let labels: [String]
  /// [truth][found]
  package private(set) var counts: [[Int]]

  package init(labels: [String]) {
    self.labels = labels
    counts = Array(repeating: Array(repeating: 0, count: labels.count), count: labels.count)
  }

  package mutating func add(truth: Int, found: Int) { counts[truth][found] += 1 }

  /// Share of all that were labelled rightly.
  package var accuracy: Double {
    let right = counts.indices.reduce(0) { $0 + counts[$1][$1] }
    return Double(right) / Double(max(1, counts.joined().reduce(0, +)))
  }

  /// Share of each label's clips that were labelled rightly; nil for a label without clips.
  package var accuracies: [Double?] {
    counts.enumerated().map { index, row in
      let total = row.reduce(0, +)
      return total == 0 ? nil : Double(row[index]) / Double(total)
    }
  }

  /// `{"labels", "counts": [truth][found], "accuracy", "perClass"}`
  package var json: String {
    struct File: Encodable {
      let labels: [String]
      let counts: [[Int]]
      let accuracy: Double
      let perClass: [Double?]
    }
    let file = File(labels: labels, counts: counts, accuracy: accuracy, perClass: accuracies)
    guard let bytes = try? JSON.encoded(file, .line) else { preconditionFailure("counts are finite") }
    return String(decoding: bytes, as: UTF8.self) + "\n"
  }
}
