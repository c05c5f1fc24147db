import Foundation
import GRDB

extension Catalogue {
  /// What somebody says of a caption.
  package enum Verdict: Sendable, Equatable {
    case accept
    case edit(String)
    case drop

    var action: String {
      switch self {
      case .accept: "accept"
      case .edit: "edit"
      case .drop: "drop"
      }
    }
  }

  /// Contents whose caption nobody has looked at, least sure first.
  /// - Parameter confidence: captions less sure than this
  package func toReview(below confidence: Double, limit: Int) throws(CatalogueError) -> [Int64] {
    try reading { db in
      try Int64.fetchAll(
        db,
        sql: """
          SELECT id FROM content WHERE caption IS NOT NULL AND confidence < ?
            AND NOT EXISTS (SELECT 1 FROM edit WHERE edit.content = content.id)
            AND EXISTS (SELECT 1 FROM file WHERE file.content = content.id AND gone IS NULL)
          ORDER BY confidence, id LIMIT ?
          """, arguments: [confidence * 10_000, limit])
    }
  }

  /// Notes what somebody says; nothing that a model says later takes its place.
  /// - Returns: the number of the verdict
  @discardableResult
  package func judge(_ content: Int64, _ verdict: Verdict) throws(CatalogueError) -> Int64 {
    try writing { db in
      let caption: String? =
        switch verdict {
        case .edit(let text): text
        case .drop: nil
        case .accept:
          // It is theirs as it stands now.
          try String.fetchOne(db, sql: "SELECT caption FROM content WHERE id = ?", arguments: [content])
        }
      try Self.unindex(content, db)
      try db.execute(
        sql: "INSERT INTO edit(content, action, caption, made) VALUES (?, ?, ?, ?)",
        arguments: [content, verdict.action, caption, Int64(Date().timeIntervalSince1970)])
      let number = db.lastInsertedRowID
      try Self.index(content, db)
      return number
    }
  }

  /// Takes a verdict back.
  /// - Parameter edit: its number
  /// - Returns: the content that it was about; nil where there is none
  package func undo(_ edit: Int64) throws(CatalogueError) -> Int64? {
    try writing { db in
      let about = try Int64.fetchOne(db, sql: "SELECT content FROM edit WHERE id = ?", arguments: [edit])
      guard let about else { return nil }
      try Self.unindex(about, db)
      try db.execute(sql: "DELETE FROM edit WHERE id = ?", arguments: [edit])
      try Self.index(about, db)
      return about
    }
  }
}
