import Foundation
import GRDB

extension Catalogue {
  /// Pictures of a block.
  static let blockLength: Int64 = 4096

  /// Lays the words of whole blocks of pictures down word by word. What is left over is searched picture by picture.
  package func pack() throws(CatalogueError) {
    while try writing({ db in try Self.packBlock(db) }) {}
  }

  /// - Returns: whether there was one
  private static func packBlock(_ db: Database) throws -> Bool {
    // Blocks are by content's number, of each model its own; those that are whole by now.
    let last = try Int64.fetchOne(db, sql: "SELECT max(id) FROM content") ?? 0
    guard
      let first = try Row.fetchOne(
        db,
        sql: """
          SELECT content, model FROM features WHERE words IS NOT NULL AND content BETWEEN 0 AND ?
          ORDER BY content LIMIT 1
          """,
        arguments: [last / blockLength * blockLength - 1])
    else { return false }
    guard let content = first.number("content"), let model = first.number("model") else { return false }
    let number = content / blockLength
    let range = [number * blockLength, (number + 1) * blockLength]
    let rows = try Row.fetchAll(
      db,
      sql: """
        SELECT content, words FROM features
        WHERE model = ? AND content >= ? AND content < ? AND words IS NOT NULL
        """,
      arguments: [model, range[0], range[1]])
    let concepts = rows.map { row in row.data("words")?.count ?? 0 }.max() ?? 0
    var levels = try (0..<concepts).map { concept in
      try Data.fetchOne(
        db.cachedStatement(sql: "SELECT levels FROM block WHERE model = ? AND concept = ? AND number = ?"),
        arguments: [model, concept, number])
        ?? Data(count: Int(blockLength))
    }
    for row in rows {
      guard let content = row.number("content"), let words = row.data("words") else { continue }
      let place = Int(content - number * blockLength)
      for (concept, level) in words.enumerated() where levels[concept].count > place {
        levels[concept][place] = level
      }
    }
    for (concept, data) in levels.enumerated() {
      try db.cachedStatement(
        sql: "INSERT OR REPLACE INTO block(model, number, concept, levels) VALUES (?, ?, ?, ?)"
      ).execute(arguments: [model, number, concept, data])
    }
    try db.execute(
      sql: "UPDATE features SET words = NULL WHERE model = ? AND content >= ? AND content < ?",
      arguments: [model, range[0], range[1]])
    return true
  }
}
