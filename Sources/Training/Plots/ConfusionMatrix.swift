import Files
import Foundation
import Reports

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

  /// A picture of the matrix: truth downwards, found across, darker where more of a row.
  package var svg: String {
    let (cell, left, top) = (52, 190, 150)
    let side = cell * labels.count
    var lines = [
      #"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \#(left + side + 90) \#(top + side + 30)" font-family="sans-serif" font-size="14">"#,
      #"<rect width="100%" height="100%" fill="white"/>"#,
      #"<text x="16" y="28" font-size="16">accuracy \#(String(format: "%.1f", accuracy * 100)) %: truth downwards, found across</text>"#,
    ]
    for (row, label) in labels.enumerated() {
      let y = top + row * cell
      let name = LearningCurve.escaped(label)
      lines.append(#"<text x="\#(left - 10)" y="\#(y + cell / 2 + 5)" text-anchor="end">\#(name)</text>"#)
      let x = left + row * cell + cell / 2
      lines.append(#"<text transform="translate(\#(x + 5) \#(top - 10)) rotate(-45)">\#(name)</text>"#)
      let total = max(1, counts[row].reduce(0, +))
      for (column, count) in counts[row].enumerated() {
        let share = Double(count) / Double(total)
        let shade = Int(245 - 200 * share)
        lines.append(
          #"<rect x="\#(left + column * cell)" y="\#(y)" width="\#(cell - 2)" height="\#(cell - 2)" fill="rgb(\#(shade),\#(shade),245)"/>"#
        )
        guard count > 0 else { continue }
        let ink = share > 0.5 ? "white" : "black"
        lines.append(
          #"<text x="\#(left + column * cell + cell / 2)" y="\#(y + cell / 2 + 4)" text-anchor="middle" fill="\#(ink)">\#(count)</text>"#
        )
      }
      let share = accuracies[row].map { String(format: "%.0f %%", $0 * 100) } ?? "–"
      lines.append(#"<text x="\#(left + side + 8)" y="\#(y + cell / 2 + 5)">\#(share)</text>"#)
    }
    return (lines + ["</svg>"]).joined(separator: "\n") + "\n"
  }
}
