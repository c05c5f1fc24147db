import Files
import Foundation
import GRDB

extension Catalogue {
  /// By what contents are found.
  package enum Basis: String, CaseIterable, Sendable {
    /// What is written: captions, tags, labels.
    case text
    /// What people would say of a picture, whether it is written or not.
    case meaning
    case both
  }

  package struct Hit: Sendable {
    package let entry: Entry
    /// How probable a word that was looked for is, in the geometric mean, 0…1; by text alone nil.
    package let probability: Double?
  }

  /// As improbable as this in the mean, a content is not found.
  private static let leastLogProbability: Float = -5.8
  /// Of a word that a model wrote.
  private static let written: Float = -0.35

  /// Contents by words, best first.
  ///
  /// By meaning, each word counts by the logarithm of how probable it is that people say it of a picture: by the detector, to
  /// whom a caption adds next to nothing; words that it does not know count where they are written, and what people wrote or a
  /// video is labelled with is certain.
  package func search(_ text: String, limit: Int, by basis: Basis = .both) throws(CatalogueError) -> [Hit] {
    let query = Query(text)
    guard !query.words.isEmpty, limit > 0 else { return [] }
    return try reading { db in
      if basis == .text { return try textHits(query, limit, db) }
      let count = try Int.fetchOne(db, sql: "SELECT max(id) FROM content") ?? 0
      // Numbers follow on one another; memory is taken by them.
      guard count <= 100_000_000, try Int.fetchOne(db, sql: "SELECT min(id) FROM content") ?? 1 > 0 else {
        throw CatalogueError.damaged(path: path.text, reason: "contents with numbers that none have")
      }
      var total = [Float](repeating: 0, count: count + 1)
      var column = [Float](repeating: 0, count: count + 1)
      for word in query.words {
        try fill(&column, word, basis, db)
        for content in total.indices { total[content] += column[content] }
      }
      for content in total.indices { total[content] /= Float(query.words.count) }
      var allowed: Set<Int64>?
      for phrase in query.phrases {
        let found = Set(try Self.matches(Query.term(phrase), db))
        allowed = allowed?.intersection(found) ?? found
      }
      return try best(total, allowed, limit, db)
    }
  }

  /// log p of a word of each content.
  private func fill(_ column: inout [Float], _ word: String, _ basis: Basis, _ db: Database) throws {
    for content in column.indices { column[content] = WordLevels.unknown }
    let term = Query.term([word])
    let known = try Self.concepts(term, db)
    for (model, concepts) in known.sorted(by: { $0.key < $1.key }) {
      try Self.addLevels(&column, model, concepts, db)
    }
    guard basis == .both else { return }
    func write(_ columns: String, _ value: Float) throws {
      for content in try Self.matches("{\(columns)} : \(term)", db)
      where (0..<Int64(column.count)).contains(content) {
        column[Int(content)] = max(column[Int(content)], value)
      }
    }
    if known.isEmpty { try write("caption tags", Self.written) }
    try write("human labels", 0)
  }

  /// The concepts of each model that a word names: words with the same stem, or else a thing.
  private static func concepts(_ term: String, _ db: Database) throws -> [Int64: [Int]] {
    let rows = try Row.fetchAll(
      db.cachedStatement(
        sql: """
          SELECT model, number, isThing FROM conceptText JOIN concept ON concept.id = conceptText.rowid
          WHERE conceptText MATCH ?
          """), arguments: [term])
    var concepts: [Int64: (words: [Int], things: [Int])] = [:]
    for row in rows {
      guard let model = row.number("model"), let number = row.integer("number"), number >= 0,
        let isThing = row.bool("isThing")
      else { continue }
      if isThing {
        concepts[model, default: ([], [])].things.append(number)
      } else {
        concepts[model, default: ([], [])].words.append(number)
      }
    }
    return concepts.mapValues { Array(Set($0.words.isEmpty ? $0.things : $0.words)).sorted() }
  }

  private static func addLevels(_ column: inout [Float], _ model: Int64, _ concepts: [Int], _ db: Database)
    throws
  {
    let table = WordLevels.logProbabilities
    var seen = [Bool](repeating: false, count: column.count)
    func add(_ level: UInt8, _ content: Int) {
      guard level > 0, column.indices.contains(content) else { return }
      // Several forms of a word: one of them is said.
      let value = table[Int(level)]
      column[content] = seen[content] ? min(0, log(exp(column[content]) + exp(value))) : value
      seen[content] = true
    }
    for concept in concepts {
      let blocks = try Row.fetchCursor(
        db.cachedStatement(sql: "SELECT number, levels FROM block WHERE model = ? AND concept = ?"),
        arguments: [model, concept])
      while let row = try blocks.next() {
        guard let number = row.integer("number"), (0..<1 << 20).contains(number) else { continue }
        let first = number * Int(blockLength)
        try row.withUnsafeData(named: "levels") { data in
          guard let data else { return }
          for (place, level) in data.enumerated() { add(level, first + place) }
        }
      }
    }
    let rest = try Row.fetchCursor(
      db.cachedStatement(sql: "SELECT content, words FROM features WHERE words IS NOT NULL AND model = ?"),
      arguments: [model])
    while let row = try rest.next() {
      guard let content = row.integer("content") else { continue }
      try row.withUnsafeData(named: "words") { data in
        guard let data else { return }
        for concept in concepts where concept < data.count { add(data[data.startIndex + concept], content) }
      }
    }
  }

  private static func matches(_ expression: String, _ db: Database) throws -> [Int64] {
    try Int64.fetchAll(
      db.cachedStatement(sql: "SELECT rowid FROM text WHERE text MATCH ?"), arguments: [expression])
  }

  private func textHits(_ query: Query, _ limit: Int, _ db: Database) throws -> [Hit] {
    var expression = query.words.map { Query.term([$0]) }.joined(separator: " OR ")
    for phrase in query.phrases { expression = "(\(expression)) AND \(Query.term(phrase))" }
    let rows = try Int64.fetchCursor(
      db.cachedStatement(sql: "SELECT rowid FROM text WHERE text MATCH ? ORDER BY rank, rowid"),
      arguments: [expression])
    var hits: [Hit] = []
    while hits.count < limit, let content = try rows.next() {
      if let entry = try entry(content, db) { hits.append(Hit(entry: entry, probability: nil)) }
    }
    return hits
  }

  private func best(_ total: [Float], _ allowed: Set<Int64>?, _ limit: Int, _ db: Database) throws -> [Hit] {
    var candidates = total.indices.dropFirst().filter { total[$0] > Self.leastLogProbability }
    if let allowed { candidates = candidates.filter { allowed.contains(Int64($0)) } }
    candidates.sort { (total[$1], $0) < (total[$0], $1) }
    var hits: [Hit] = []
    for content in candidates where hits.count < limit {
      if let entry = try entry(Int64(content), db) {
        hits.append(Hit(entry: entry, probability: Double(exp(total[content]))))
      }
    }
    return hits
  }
}
