import ArgumentParser
import Files
import Foundation
import Models
import Narration
import Reports

/// How models are printed.
package enum InfoFormat: String, CaseIterable, ExpressibleByArgument {
  case text, json
}

/// The list that `narrate info` prints.
package struct InfoReport {
  private let library: ModelLibrary
  private let cards: [ModelCard]
  private let format: InfoFormat

  package init(_ library: ModelLibrary, _ format: InfoFormat) {
    self.library = library
    self.format = format
    cards = library.models()
  }

  /// Prints to standard output. A model that is damaged is listed and reported.
  func print(_ console: Console) throws -> RunStatus {
    try ResultOutput(path: nil).write(Array(text.utf8))
    for card in cards {
      if let problem = card.problem { console.report("\(card.folder.path)/\(problem)") }
    }
    if cards.isEmpty {
      console.report("no model found in " + library.searchPaths.map(\.path).joined(separator: ", "))
    }
    return cards.isEmpty || cards.contains { $0.problem != nil } ? .dataError : .success
  }

  package var text: String {
    switch format {
    case .text: cards.map(Self.paragraph).joined(separator: "\n")
    case .json:
      cards.isEmpty ? "[]\n" : "[\n" + cards.map { Self.json($0).text }.joined(separator: ",\n") + "\n]\n"
    }
  }

  private static func json(_ card: ModelCard) -> JSON {
    .object([
      ("name", .string(card.name)), ("path", .string(card.folder.path)),
      ("kind", (card.kind?.rawValue).map(JSON.string) ?? .null),
      ("encoder", card.encoder.map(JSON.string) ?? .null),
      ("parameters", card.parameters.map(JSON.integer) ?? .null),
      ("bytes", card.bytes.map(JSON.integer) ?? .null),
      ("card", card.frontMatter ?? .null), ("problem", card.problem.map(JSON.string) ?? .null),
    ])
  }

  // MARK: Text

  private static func paragraph(_ card: ModelCard) -> String {
    var lines = [("folder", card.folder.path), ("kind", card.kind?.rawValue ?? "unknown")]
    if let encoder = card.encoder { lines.append(("encoder", encoder)) }
    if !card.languages.isEmpty { lines.append(("languages", card.languages.joined(separator: ", "))) }
    if let parameters = card.parameters { lines.append(("parameters", grouped(parameters))) }
    if let bytes = card.bytes { lines.append(("size", String(format: "%.1f MB", Double(bytes) / 1e6))) }
    if let problem = card.problem { lines.append(("problem", problem)) }
    if let frontMatter = card.frontMatter { lines += flattened(frontMatter, name: "") }
    // Strangers write cards, and their names too.
    let safe = lines.map { (name: $0.0.escapingControls, value: $0.1.escapingControls) }
    let width = safe.map(\.name.count).max() ?? 0
    return card.name.escapingControls + "\n"
      + safe.map { name, value in
        "  " + name + String(repeating: " ", count: width - name.count + 2) + value + "\n"
      }.joined()
  }

  /// `scores: {cider: 0.53}` → `scores.cider`, `0.53`.
  private static func flattened(_ value: JSON, name: String) -> [(String, String)] {
    switch value {
    case .object(let fields):
      fields.flatMap { flattened($0.value, name: name.isEmpty ? $0.key : name + "." + $0.key) }
    case .array(let values):
      [(name, values.map { $0.string ?? $0.text }.joined(separator: ", "))]
    default: [(name, value.string ?? value.text)]
    }
  }

  /// `9123456` → `9,123,456`.
  private static func grouped(_ number: Int) -> String {
    let digits = Array(String(number))
    return String(
      digits.enumerated().flatMap { index, digit in
        index > 0 && (digits.count - index) % 3 == 0 ? [",", digit] : [digit]
      })
  }
}
