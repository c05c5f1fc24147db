import Files
import Foundation
import GRDB

extension Catalogue {
  /// What is shown of a content; nil where all its files are gone, or where there is none with this number.
  package func entry(_ content: Int64) throws(CatalogueError) -> Entry? {
    try reading { db in try entry(content, db) }
  }

  func entry(_ content: Int64, _ db: Database) throws -> Entry? {
    let paths = try Data.fetchAll(
      db.cachedStatement(sql: "SELECT path FROM file WHERE content = ? AND gone IS NULL ORDER BY path"),
      arguments: [content])
    guard !paths.isEmpty,
      let row = try Row.fetchOne(
        db.cachedStatement(
          sql: """
            SELECT content.*, model.name AS modelName, edit.action AS action, edit.caption AS human
            FROM content
            LEFT JOIN model ON model.id = content.model
            LEFT JOIN edit ON edit.id = (SELECT max(id) FROM edit WHERE edit.content = content.id)
            WHERE content.id = ?
            """), arguments: [content])
    else { return nil }
    let (action, human, machine) = (row.text("action"), row.text("human"), row.text("caption"))
    func list(_ name: String) -> [String] {
      row.text(name)?.split(separator: "\n").map(String.init) ?? []
    }
    let isHuman = action == "edit" || action == "accept"
    return Entry(
      content: content, paths: paths.map { shown(Array($0)) }, isVideo: row.bool("isVideo") ?? false,
      width: row.integer("width") ?? 0, height: row.integer("height") ?? 0,
      caption: isHuman ? human : action == "drop" ? nil : machine, machineCaption: machine, isHuman: isHuman,
      confidence: Double(row.integer("confidence") ?? 0) / 10_000, isUnsure: row.bool("isUnsure") ?? false,
      tags: list("tags"), labels: list("labels"), model: row.text("modelName"),
      errorKind: row.text("errorKind"), error: row.text("error"))
  }

  /// All contents with a file, by number, a few at a time: memory stays the same however many there are.
  package func visit(_ body: (Entry) throws -> Void) throws {
    var last: Int64 = 0
    while true {
      let entries = try reading { db in
        try Int64.fetchAll(
          db.cachedStatement(sql: "SELECT id FROM content WHERE id > ? ORDER BY id LIMIT 500"),
          arguments: [last]
        ).map { ($0, try entry($0, db)) }
      }
      guard let end = entries.last?.0 else { return }
      last = end
      for (_, entry) in entries { if let entry { try body(entry) } }
    }
  }

  /// Contents, those of them with a file, files, files that are gone, failures, and contents that people spoke of.
  package struct Counts: Sendable, Equatable {
    package let contents, present, files, gone, failed, human: Int
  }

  package func counts() throws(CatalogueError) -> Counts {
    try reading { db in
      func count(_ sql: String) throws -> Int {
        try Int.fetchOne(db, sql: "SELECT count(*) FROM " + sql) ?? 0
      }
      return Counts(
        contents: try count("content"),
        present: try count("(SELECT DISTINCT content FROM file WHERE gone IS NULL)"),
        files: try count("file WHERE gone IS NULL"),
        gone: try count("file WHERE gone IS NOT NULL"),
        failed: try count("content WHERE errorKind IS NOT NULL"),
        human: try count("(SELECT DISTINCT content FROM edit)"))
    }
  }
}
