import Foundation

/// Sentences and their translations by people: a folder with `train.tsv` and `val.tsv`, tab-separated, unquoted, UTF-8, whose header
/// names the language of each column; a sentence a line.
package struct TranslationDataset: Sendable {
  /// One split's sentences, a column for each language.
  package struct Table: Sendable, Equatable {
    package let path: String
    /// In the order of the header.
    package let languages: [String]
    /// [languages][lines]
    package let sentences: [[String]]

    /// Reads a table.
    /// - Throws: `DataError` naming the line that is wrong.
    package init(contentsOf url: URL) throws {
      path = url.path
      let bytes = try DataFile.bytes(path, longestLine: DataFile.longestLine)
      guard let text = String(validating: bytes, as: UTF8.self) else {
        throw DataError(.damaged, path: path, reason: "not UTF-8")
      }
      let content =
        text.unicodeScalars.first == "\u{FEFF}" ? text.unicodeScalars.dropFirst() : text.unicodeScalars[...]
      var lines = content.split(separator: "\n", omittingEmptySubsequences: false)
      if lines.last?.isEmpty == true { lines.removeLast() }
      var (languages, sentences) = ([String](), [[String]]())
      for (index, line) in lines.enumerated() {
        let fields = (line.last == "\r" ? line.dropLast() : line)
          .split(separator: "\t", omittingEmptySubsequences: false)
          .map { String(String.UnicodeScalarView($0)) }
        func damaged(_ reason: String) -> DataError {
          DataError(.damaged, path: url.path, location: "line \(index + 1)", reason: reason)
        }
        guard index > 0 else {
          guard fields.count > 1, !fields.contains(""), Set(fields).count == fields.count else {
            throw damaged("the header must name two languages or more, each once")
          }
          languages = fields
          sentences = [[String]](repeating: [], count: fields.count)
          continue
        }
        guard fields.count == languages.count else {
          throw damaged("\(languages.count) columns expected, \(fields.count) found")
        }
        for (column, field) in fields.enumerated() {
          guard field.contains(where: { !$0.isWhitespace }) else {
            throw damaged("no sentence in column \(languages[column])")
          }
          sentences[column].append(field)
        }
      }
      guard sentences.first?.isEmpty == false else {
        throw DataError(.damaged, path: path, reason: "no sentences")
      }
      (self.languages, self.sentences) = (languages, sentences)
    }

    /// A language's sentences.
    package func column(_ language: String) throws(DataError) -> [String] {
      guard let column = languages.firstIndex(of: language) else {
        throw DataError(
          .damaged, path: path, location: "line 1",
          reason: "no column \(language); there are: \(languages.joined(separator: ", "))")
      }
      return sentences[column]
    }
  }

  package let training: Table
  /// Nil where the folder has no `val.tsv`.
  package let validation: Table?

  /// Reads a folder.
  package init(at folder: URL) throws {
    training = try Table(contentsOf: folder.appendingPathComponent("train.tsv"))
    let held = folder.appendingPathComponent("val.tsv")
    validation =
      FileManager.default.fileExists(atPath: held.path) ? try Table(contentsOf: held) : nil
  }
}
