import Files
import Foundation
import GRDB
import SystemPackage

/// A file as the folder has it.
package struct FoundFile: Sendable {
  package let path: GivenPath
  /// Bytes.
  package let size: Int64
  /// When its bytes changed last, in nanoseconds since 1970.
  package let modified: Int64

  package init(path: GivenPath, size: Int64, modified: Int64) {
    (self.path, self.size, self.modified) = (path, size, modified)
  }
}

extension Catalogue {
  /// Whether a file is in the catalogue as it is: its path, size and time of change. Its bytes are not read for that.
  /// - Parameter retriesFailed: whether one that could not be described counts as not there
  package func isKnown(_ file: FoundFile, retriesFailed: Bool) throws(CatalogueError) -> Bool {
    let path = stored(file.path)
    return try reading { db in
      try Bool.fetchOne(
        db.cachedStatement(
          sql: """
            SELECT 1 FROM file JOIN content ON content.id = file.content
            WHERE path = ? AND size = ? AND modified = ? AND gone IS NULL AND NOT (? AND errorKind IS NOT NULL)
            """),
        arguments: [Data(path), file.size, file.modified, retriesFailed]) ?? false
    }
  }

  /// The content with these bytes, if it was described; a failure counts only where it is not to be tried again.
  package func described(_ key: ContentKey, retriesFailed: Bool) throws(CatalogueError) -> Int64? {
    try reading { db in
      try Int64.fetchOne(
        db.cachedStatement(
          sql: "SELECT id FROM content WHERE key = ? AND NOT (? AND errorKind IS NOT NULL)"),
        arguments: [key.data, retriesFailed])
    }
  }

  /// The number of a model that is known.
  package func number(of model: DescribingModel) throws(CatalogueError) -> Int64? {
    try reading { db in
      try Int64.fetchOne(db, sql: "SELECT id FROM model WHERE digest = ?", arguments: [model.digest])
    }
  }

  /// Notes a model; the same one once.
  /// - Returns: its number
  package func add(_ model: DescribingModel) throws(CatalogueError) -> Int64 {
    try writing { db in
      if let known = try Int64.fetchOne(
        db, sql: "SELECT id FROM model WHERE digest = ?", arguments: [model.digest])
      {
        return known
      }
      try db.execute(
        sql: "INSERT INTO model(name, digest) VALUES (?, ?)", arguments: [model.name, model.digest])
      let number = db.lastInsertedRowID
      for (index, concept) in model.concepts.enumerated() {
        for word in concept.words {
          try db.execute(
            sql: "INSERT INTO concept(model, number, isThing) VALUES (?, ?, ?)",
            arguments: [number, index, concept.isThing])
          try db.execute(
            sql: "INSERT INTO conceptText(rowid, word) VALUES (?, ?)",
            arguments: [db.lastInsertedRowID, word])
        }
      }
      return number
    }
  }

  /// What becomes of files, in one transaction.
  package enum Addition: Sendable {
    /// A file whose bytes are described already.
    case known(FoundFile, content: Int64)
    /// A file that was described now.
    case new(FoundFile, ContentKey, Description)
  }

  /// - Parameter model: its number; nil where nothing is described
  package func add(_ additions: [Addition], model: Int64?) throws(CatalogueError) {
    let paths = additions.map { addition in
      switch addition {
      case .known(let file, _), .new(let file, _, _): Data(stored(file.path))
      }
    }
    try writing { db in
      for (addition, path) in zip(additions, paths) {
        switch addition {
        case .known(let file, let content): try Self.set(file, path, content, db)
        case .new(let file, let key, let description):
          try Self.set(file, path, Self.add(key, description, model: model, db), db)
        }
      }
    }
  }

  private static func set(_ file: FoundFile, _ path: Data, _ content: Int64, _ db: Database) throws {
    try db.cachedStatement(
      sql: """
        INSERT INTO file(path, content, size, modified, gone) VALUES (?, ?, ?, ?, NULL)
        ON CONFLICT(path) DO UPDATE SET content = excluded.content, size = excluded.size,
          modified = excluded.modified, gone = NULL
        """
    ).execute(arguments: [path, content, file.size, file.modified])
  }

  /// - Returns: the content's number
  private static func add(_ key: ContentKey, _ new: Description, model: Int64?, _ db: Database) throws
    -> Int64
  {
    let known = try Int64.fetchOne(
      db.cachedStatement(sql: "SELECT id FROM content WHERE key = ?"), arguments: [key.data])
    if let known {
      // Somebody else described it meanwhile: that stays, whatever became of it here.
      let isDescribed = try Bool.fetchOne(
        db.cachedStatement(sql: "SELECT errorKind IS NULL FROM content WHERE id = ?"), arguments: [known])
      if isDescribed == true || new.failure != nil { return known }
      try unindex(known, db)
    }
    let tags = new.tags.isEmpty ? nil : new.tags.joined(separator: "\n")
    let labels = new.labels.isEmpty ? nil : new.labels.joined(separator: "\n")
    let content =
      try known
      ?? Int64.fetchOne(
        db.cachedStatement(sql: "INSERT INTO content(key, added) VALUES (?, ?) RETURNING id"),
        arguments: [key.data, Int64(Date().timeIntervalSince1970)])
    guard let content else { throw DatabaseError(message: "a row that was inserted is not there") }
    try db.cachedStatement(
      sql: """
        UPDATE content SET model = ?, isVideo = ?, width = ?, height = ?, isDamaged = ?, caption = ?, confidence = ?,
          isUnsure = ?, tags = ?, labels = ?, errorKind = ?, error = ? WHERE id = ?
        """
    ).execute(
      arguments: [
        model, new.isVideo, new.width, new.height, new.isDamaged, new.caption,
        new.caption.map { _ in Int((min(max(new.confidence, 0), 1) * 10_000).rounded()) }, new.isUnsure, tags,
        labels, new.failure?.kind, new.failure?.message, content,
      ])
    try index(content, db)
    if let model, !new.mean.isEmpty {
      let words = new.words.isEmpty ? nil : Data(new.words.map(WordLevels.level))
      try db.cachedStatement(
        sql: "INSERT OR REPLACE INTO features(content, model, mean, words) VALUES (?, ?, ?, ?)"
      ).execute(arguments: [content, model, Data(HalfBytes.bytes(new.mean)), words])
    }
    return content
  }

  /// Marks the files of folders that were gone through and not seen.
  /// - Parameters:
  ///   - folders: whole; files in and below them that are not in `seen` are gone
  /// - Returns: how many went
  package func markGone(in folders: [GivenPath], except seen: Set<[UInt8]>) throws(CatalogueError) -> Int {
    let slash = UInt8(ascii: "/")
    let starts = folders.map { ($0.location.resolved ?? $0.location).bytes + [slash] }
    let home = folder.bytes + [slash]
    return try writing { db in
      let rows = try Data.fetchAll(db, sql: "SELECT path FROM file WHERE gone IS NULL")
      let lost = rows.filter { row in
        guard !seen.contains(Array(row)) else { return false }
        let whole = row.first == slash ? Array(row) : home + Array(row)
        // One that came while the folder was gone through is there.
        return starts.contains { whole.starts(with: $0) } && FilePath(bytes: whole).kind == nil
      }
      let now = Int64(Date().timeIntervalSince1970)
      for path in lost {
        try db.cachedStatement(sql: "UPDATE file SET gone = ? WHERE path = ?").execute(
          arguments: [now, path])
      }
      return lost.count
    }
  }

  /// Whether what is made at a path would be among the files: below the catalogue's own folder, if there are any, or in a folder with
  /// files in it or below.
  package func holds(_ path: GivenPath) throws(CatalogueError) -> Bool {
    let bytes = stored(path)
    let slash = UInt8(ascii: "/")
    let start = bytes.first == slash ? bytes[...(bytes.lastIndex(of: slash) ?? 0)] : []
    return try reading { db in
      try Data.fetchAll(db, sql: "SELECT path FROM file WHERE gone IS NULL").contains { row in
        start.isEmpty ? row.first != slash : row.starts(with: start)
      }
    }
  }

  /// How the path of a file that was seen is told to `markGone`.
  package func mark(_ file: GivenPath) -> [UInt8] { stored(file) }
}

/// The search's text of a content: what is shown now.
extension Catalogue {
  private static let shown = """
    SELECT content.id AS id, content.caption AS caption, tags, labels, edit.action AS action, edit.caption AS human
    FROM content LEFT JOIN edit ON edit.id = (SELECT max(id) FROM edit WHERE edit.content = content.id)
    WHERE content.id = ?
    """

  private static func texts(_ content: Int64, _ db: Database) throws -> StatementArguments? {
    guard let row = try Row.fetchOne(db.cachedStatement(sql: shown), arguments: [content]) else { return nil }
    let (action, caption) = (row.text("action"), row.text("caption"))
    // What was accepted, edited or dropped is not the model's any longer.
    let (human, tags, labels) = (row.text("human"), row.text("tags"), row.text("labels"))
    let texts = [action == nil ? caption : nil, human, tags, labels].map { $0 ?? "" }
    return texts.allSatisfy(\.isEmpty) ? nil : [content, texts[0], texts[1], texts[2], texts[3]]
  }

  /// Takes a content's text out of the index: before anything of it changes.
  static func unindex(_ content: Int64, _ db: Database) throws {
    guard let texts = try texts(content, db) else { return }
    try db.cachedStatement(
      sql: "INSERT INTO text(text, rowid, caption, human, tags, labels) VALUES ('delete', ?, ?, ?, ?, ?)"
    ).execute(arguments: texts)
  }

  /// Puts it in again, after the change.
  static func index(_ content: Int64, _ db: Database) throws {
    guard let texts = try texts(content, db) else { return }
    try db.cachedStatement(
      sql: "INSERT INTO text(rowid, caption, human, tags, labels) VALUES (?, ?, ?, ?, ?)"
    )
    .execute(arguments: texts)
  }
}
