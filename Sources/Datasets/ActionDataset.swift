import Foundation

/// Clips and what is done in them: `labels.tsv`, tab-separated, unquoted, UTF-8, with the header `clip split label`; clips are
/// paths inside the folder, or inside its `clips/`.
package struct ActionDataset: Sendable {
  package struct Example: Sendable, Equatable {
    /// The clip as the table has it.
    package let id: String
    package let path: String
    package let split: String
    /// An index into `labels`.
    package let label: Int
  }

  /// The table, for messages.
  package let path: String
  /// In alphabetical order.
  package let labels: [String]
  /// In the order of the table.
  package let examples: [Example]

  /// Reads a data folder.
  /// - Throws: `DataError` naming the line that is wrong, or the first clip that is not there.
  package init(at folder: URL) throws {
    let path = folder.appendingPathComponent("labels.tsv").path
    let bytes = try DataFile.bytes(path, longestLine: DataFile.longestLine)
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw DataError(.damaged, path: path, reason: "not UTF-8")
    }
    var rows: [(clip: String, split: String, label: String)] = []
    var lines: [String: Int] = [:]
    let content =
      text.unicodeScalars.first == "\u{FEFF}" ? text.unicodeScalars.dropFirst() : text.unicodeScalars[...]
    for (index, line) in content.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
      func damaged(_ reason: String) -> DataError {
        DataError(.damaged, path: path, location: "line \(index + 1)", reason: reason)
      }
      let fields = line.split(separator: "\t", omittingEmptySubsequences: false).map {
        String(String.UnicodeScalarView($0.last == "\r" ? $0.dropLast() : $0))
      }
      if index == 0 {
        guard fields == ["clip", "split", "label"] else {
          throw damaged("the header must be clip, split and label between tabs")
        }
        continue
      }
      if fields == [""] { continue }
      guard fields.count == 3 else { throw damaged("3 columns expected, \(fields.count) found") }
      guard !fields.contains("") else { throw damaged("an empty column") }
      if let first = lines.updateValue(index + 1, forKey: fields[0]) {
        throw damaged("clip \(fields[0]) is listed already, in line \(first)")
      }
      rows.append((fields[0], fields[1], fields[2]))
    }
    let labels = Set(rows.map(\.label)).sorted()
    let indices = Dictionary(uniqueKeysWithValues: labels.enumerated().map { ($1, $0) })
    self.path = path
    self.labels = labels
    examples = try rows.map { row in
      guard let file = DataFile.clip(row.clip, in: folder) else {
        throw DataError(
          .missing, path: path, location: "line \(lines[row.clip] ?? 0)", reason: "clip \(row.clip) not found"
        )
      }
      return Example(
        id: row.clip, path: file, split: row.split, label: indices[row.label] ?? 0)
    }
    for split in ["train", "val"] where !examples.contains(where: { $0.split == split }) {
      throw DataError(.damaged, path: path, reason: "no clips in split \(split)")
    }
    guard labels.count > 1 else {
      throw DataError(.damaged, path: path, reason: "two labels or more are needed")
    }
  }
}
