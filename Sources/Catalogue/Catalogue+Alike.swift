import Files
import Foundation
import GRDB

extension Catalogue {
  /// Contents that look like one, by the cosine of their features less the mean of all, best first.
  /// - Parameters:
  ///   - mean: [channels], as `Description.mean`
  ///   - model: whose features they are
  ///   - besides: a content that is left out
  package func search(like mean: [Float], model: Int64, besides: Int64? = nil, limit: Int)
    throws(CatalogueError) -> [(entry: Entry, cosine: Double)]
  {
    try reading { db in
      let center = try Self.center(model, mean.count, db)
      let wanted = Self.unit(mean, center)
      var found: [(Int64, Double)] = []
      try Self.forEachFeature(model, db) { content, values in
        guard content != besides, values.count == wanted.count else { return }
        found.append((content, Self.product(wanted, Self.unit(values, center))))
      }
      found.sort { ($1.1, $0.0) < ($0.1, $1.0) }
      var result: [(entry: Entry, cosine: Double)] = []
      for (content, cosine) in found where result.count < limit {
        if let entry = try entry(content, db) { result.append((entry, cosine)) }
      }
      return result
    }
  }

  /// What a file looks like that is in the catalogue.
  package func features(_ content: Int64) throws(CatalogueError) -> (mean: [Float], model: Int64)? {
    try reading { db in
      try Row.fetchOne(
        db, sql: "SELECT mean, model FROM features WHERE content = ? AND mean IS NOT NULL",
        arguments: [content]
      ).map { row in
        (row.data("mean")?.withUnsafeBytes { HalfBytes.values($0) } ?? [], row.number("model") ?? 0)
      }
    }
  }

  /// Files that show the same: several files of one content, and pictures that look nearly equal and are of the same shape.
  /// - Parameter cosine: how much two must look alike, 0…1
  /// - Returns: groups of two or more files, largest first
  package func duplicates(cosine: Double) throws(CatalogueError) -> [[Entry]] {
    try reading { db in
      var groups = Groups()
      for model in try Int64.fetchAll(db, sql: "SELECT id FROM model") {
        try Self.join(model, cosine, &groups, db)
      }
      let many = try Int64.fetchAll(
        db, sql: "SELECT content FROM file WHERE gone IS NULL GROUP BY content HAVING count(*) > 1")
      let sets = groups.all + many.filter { !groups.contains($0) }.map { [$0] }
      return try sets.map { try $0.compactMap { try entry($0, db) } }
        .filter { entries in entries.reduce(0) { $0 + $1.paths.count } > 1 }
        .sorted { left, right in
          (right.count, left[0].content) < (left.count, right[0].content)
        }
    }
  }

  /// Joins pictures of a model. Not each is held against each: those whose projections on some random planes agree are (SimHash,
  /// Charikar 2002), in several tables, so that nearly equal ones hardly ever miss one another.
  private static func join(_ model: Int64, _ least: Double, _ groups: inout Groups, _ db: Database) throws {
    var shapes: [Int64: Double] = [:]
    let rows = try Row.fetchCursor(
      db, sql: "SELECT id, width, height, isVideo FROM content WHERE width > 0 AND height > 0")
    while let row = try rows.next() {
      guard let content = row.number("id"), let wide = row.integer("width"), let high = row.integer("height"),
        wide > 0, high > 0
      else { continue }
      let shape = Double(wide) / Double(high)
      shapes[content] = row.bool("isVideo") == true ? -shape : shape
    }
    let first = try Data.fetchOne(
      db, sql: "SELECT mean FROM features WHERE model = ? AND mean IS NOT NULL LIMIT 1", arguments: [model])
    guard let channels = first.map({ $0.count / 2 }), channels > 0 else { return }
    let center = try center(model, channels, db)
    let planes = Planes(channels: channels)
    var (units, buckets) = ([Int64: [Float]](), [[UInt32: [Int64]]](repeating: [:], count: Planes.tables))
    try forEachFeature(model, db) { content, values in
      guard shapes[content] != nil, values.count == channels else { return }
      let unit = unit(values, center)
      for (table, code) in planes.codes(unit).enumerated() {
        buckets[table][code, default: []].append(content)
      }
      units[content] = unit
    }
    for (_, members) in buckets.joined() where members.count > 1 {
      for (index, one) in members.enumerated() {
        // A bucket of very many is a sea of blank pictures: neighbours in it are enough.
        for other in members[(index + 1)...].prefix(200) {
          guard !groups.areTogether(one, other), let left = shapes[one], let right = shapes[other],
            abs(left - right) <= 0.02 * abs(left), let a = units[one], let b = units[other],
            product(a, b) >= least
          else { continue }
          groups.join(one, other)
        }
      }
    }
  }

  private static func forEachFeature(_ model: Int64, _ db: Database, _ body: (Int64, [Float]) throws -> Void)
    throws
  {
    let rows = try Row.fetchCursor(
      db.cachedStatement(sql: "SELECT content, mean FROM features WHERE model = ? AND mean IS NOT NULL"),
      arguments: [model])
    while let row = try rows.next() {
      guard let content = row.number("content") else { continue }
      try row.withUnsafeData(named: "mean") { data in
        if let data { try body(content, data.withUnsafeBytes { HalfBytes.values($0) }) }
      }
    }
  }

  /// The mean of some thousand features, which all have in common and tells nothing.
  private static func center(_ model: Int64, _ channels: Int, _ db: Database) throws -> [Float] {
    var (sum, count) = ([Float](repeating: 0, count: channels), Float(0))
    let rows = try Data.fetchAll(
      db, sql: "SELECT mean FROM features WHERE model = ? AND mean IS NOT NULL ORDER BY content LIMIT 2000",
      arguments: [model])
    // Of a few it would be those few.
    guard rows.count >= 100 else { return sum }
    for row in rows where row.count == 2 * channels {
      let values = row.withUnsafeBytes { HalfBytes.values($0) }
      for channel in sum.indices { sum[channel] += values[channel] }
      count += 1
    }
    return sum.map { $0 / max(1, count) }
  }

  private static func unit(_ values: [Float], _ center: [Float]) -> [Float] {
    let shifted = zip(values, center).map { $0 - $1 }
    let norm = shifted.reduce(0) { $0 + $1 * $1 }.squareRoot()
    return norm > 0 ? shifted.map { $0 / norm } : shifted
  }

  private static func product(_ a: [Float], _ b: [Float]) -> Double {
    var sum: Float = 0
    for index in a.indices { sum += a[index] * b[index] }
    return Double(sum)
  }
}

/// Random planes through the middle, by whose sides vectors are told apart.
private struct Planes {
  static let tables = 8
  private static let bits = 14
  private let normals: [[Float]]

  init(channels: Int) {
    var state: UInt64 = 0x9E37_79B9_7F4A_7C15
    normals = (0..<Self.tables * Self.bits).map { _ in
      (0..<channels).map { _ in
        // xorshift64 (Marsaglia 2003).
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return Float(Int64(bitPattern: state) >> 40) / Float(1 << 23)
      }
    }
  }

  func codes(_ unit: [Float]) -> [UInt32] {
    (0..<Self.tables).map { table in
      (0..<Self.bits).reduce(0) { code, bit in
        let normal = normals[table * Self.bits + bit]
        var sum: Float = 0
        for index in unit.indices { sum += unit[index] * normal[index] }
        return code << 1 | (sum > 0 ? 1 : 0)
      }
    }
  }
}

/// Sets that are joined pair by pair.
private struct Groups {
  private var parents: [Int64: Int64] = [:]

  private mutating func root(_ member: Int64) -> Int64 {
    var root = member
    while let parent = parents[root], parent != root { root = parent }
    if parents[member] != nil { parents[member] = root }
    return root
  }

  mutating func join(_ one: Int64, _ other: Int64) {
    let (a, b) = (root(one), root(other))
    (parents[one], parents[other]) = (parents[one] ?? a, parents[other] ?? b)
    parents[max(a, b)] = min(a, b)
    parents[min(a, b)] = min(a, b)
  }

  mutating func areTogether(_ one: Int64, _ other: Int64) -> Bool { root(one) == root(other) }
  func contains(_ member: Int64) -> Bool { parents[member] != nil }

  /// Members in ascending order.
  var all: [[Int64]] {
    var copy = self
    var sets: [Int64: [Int64]] = [:]
    for member in parents.keys.sorted() { sets[copy.root(member), default: []].append(member) }
    return sets.values.filter { $0.count > 1 }
  }
}
