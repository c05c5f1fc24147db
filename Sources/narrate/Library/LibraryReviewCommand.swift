import ArgumentParser
import Catalogue
import Files
import Foundation
import Narration
import Reports

/// `narrate library review`.
struct LibraryReviewCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "review",
    abstract: "Goes through captions on the terminal, least sure first.",
    discussion: """
      For each: an empty line or a accepts it, s skips it, d drops it, e TEXT writes another, u takes back the last answer, q ends. \
      What is accepted or written is a person's from then on, and no model's caption takes its place.
      """)

  @Option(help: ArgumentHelp("Captions less sure than this, 0 to 1.", valueName: "p"))
  var below = 1.0

  @Option(help: ArgumentHelp("Captions at most, 1 to 100000.", valueName: "n"))
  var limit = 100_000

  @OptionGroup var place: CatalogueOptions

  func validate() throws {
    guard (0...1).contains(below) else { throw ValidationError("--below takes 0 to 1.") }
    try check(limit, in: 1...100_000, "--limit")
  }

  func run() throws {
    // A signal ends it at once: each answer is kept as it is given.
    let console = Console(.none)
    try RunStatus.exit(reportingTo: console) {
      let catalogue = try place.open(.writing)
      var review = Review(
        catalogue, try catalogue.toReview(below: below.nextUp, limit: limit), try ResultOutput(path: nil))
      try review.run()
      return .success
    }
  }
}

/// Questions and answers, a line each.
private struct Review {
  private let catalogue: Catalogue
  private let contents: [Int64]
  private let output: ResultOutput
  /// Verdicts, in their order.
  private var answers: [Int64] = []

  init(_ catalogue: Catalogue, _ contents: [Int64], _ output: ResultOutput) {
    (self.catalogue, self.contents, self.output) = (catalogue, contents, output)
  }

  mutating func run() throws {
    var index = 0
    while index < contents.count {
      guard let entry = try catalogue.entry(contents[index]) else {
        index += 1
        continue
      }
      try ask(entry, index)
      guard let line = readLine() else { break }
      guard let step = try answer(line, entry, &index) else { break }
      index += step
    }
    try say("\n\(answers.count) answered, \(max(0, contents.count - index)) left\n")
  }

  private func ask(_ entry: Entry, _ index: Int) throws {
    let path = String(decoding: String.escapingControls(entry.paths[0].bytes), as: UTF8.self)
    let confidence = String(format: "%.2f", entry.confidence)
    let tags =
      entry.tags.isEmpty ? "" : "\n    perhaps: " + entry.tags.joined(separator: ", ").escapingControls
    try say(
      "\n\(index + 1)/\(contents.count) \(path)\n\(confidence) \((entry.caption ?? "").escapingControls)\(tags)\n[a]ccept [e]dit TEXT [d]rop [s]kip [u]ndo [q]uit: "
    )
  }

  /// - Returns: how far to go on; nil is the end
  private mutating func answer(_ line: String, _ entry: Entry, _ index: inout Int) throws -> Int? {
    let parts = line.split(maxSplits: 1, whereSeparator: \.isWhitespace)
    let text = parts.count > 1 ? parts[1].trimmingCharacters(in: .whitespaces) : ""
    switch parts.first ?? "a" {
    case "a", "accept": answers.append(try catalogue.judge(entry.content, .accept))
    case "d", "drop": answers.append(try catalogue.judge(entry.content, .drop))
    case "e", "edit":
      guard !text.isEmpty, text.utf8.count <= 10_000 else {
        try say("write the caption behind the e\n")
        return 0
      }
      answers.append(try catalogue.judge(entry.content, .edit(text)))
    case "s", "skip": return 1
    case "q", "quit": return nil
    case "u", "undo":
      guard let last = answers.popLast(), let content = try catalogue.undo(last) else {
        try say("there is nothing to take back\n")
        return 0
      }
      return (contents.firstIndex(of: content) ?? index) - index
    default:
      try say("answer a, e TEXT, d, s, u or q\n")
      return 0
    }
    return 1
  }

  private func say(_ text: String) throws { try output.write(Array(text.utf8)) }
}
