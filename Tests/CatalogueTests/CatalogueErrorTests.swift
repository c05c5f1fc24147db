import Catalogue
import Files
import Foundation
import GRDB
import TestSupport
import Testing

@Suite struct CatalogueErrorTests {
  private let folder = try! TemporaryFolder()
  private var path: GivenPath { GivenPath(folder.path("c.sqlite")) }

  @Test func noneIsMissing() {
    #expect(throws: CatalogueError.missing(path: path.text)) { try Catalogue(path) }
  }

  @Test func anotherKindOfFileIsRefused() throws {
    try folder.write("no database, but a text of some length, longer than a header", "c.sqlite")
    let before = try Data(contentsOf: URL(fileURLWithPath: path.text))
    let error = #expect(throws: CatalogueError.self) { try Catalogue(path, .creating) }
    #expect(error?.description.contains("no catalogue, or a damaged one") == true)
    #expect(try Data(contentsOf: URL(fileURLWithPath: path.text)) == before)
  }

  @Test func anotherProgramsDatabaseIsRefused() throws {
    try DatabaseQueue(path: path.text).write { db in try db.execute(sql: "CREATE TABLE theirs(a)") }
    let before = try Data(contentsOf: URL(fileURLWithPath: path.text))
    for access in [Catalogue.Access.reading, .writing, .creating] {
      #expect(throws: CatalogueError.damaged(path: path.text, reason: "a database of another program")) {
        try Catalogue(path, access)
      }
    }
    #expect(try Data(contentsOf: URL(fileURLWithPath: path.text)) == before)
    // Nor does an empty file become one.
    try folder.write([], "empty")
    #expect(throws: CatalogueError.self) { try Catalogue(GivenPath(folder.path("empty")), .creating) }
    #expect(try Data(contentsOf: URL(fileURLWithPath: folder.path("empty"))).isEmpty)
  }

  @Test func aNewerVersionIsRefused() throws {
    do { _ = try Catalogue(path, .creating) }
    try DatabaseQueue(path: path.text).write { db in
      try db.execute(sql: "INSERT INTO grdb_migrations VALUES ('99')")
    }
    #expect(throws: CatalogueError.newer(path: path.text)) { try Catalogue(path) }
  }

  @Test func damageIsTold() throws {
    let test = try TestCatalogue()
    for index in 0..<300 { try test.add("\(index).jpg", "a dog \(index)") }
    let place = test.folder.path("copy.sqlite")
    try DatabaseQueue(path: test.folder.path("c.sqlite")).writeWithoutTransaction { db in
      try db.execute(sql: "VACUUM INTO ?", arguments: [place])
    }
    var bytes = try Data(contentsOf: URL(fileURLWithPath: place))
    for index in stride(from: 4096 + 50, to: bytes.count, by: 97) { bytes[index] ^= 0x5A }
    try bytes.write(to: URL(fileURLWithPath: place))
    let error = #expect(throws: CatalogueError.self) {
      let catalogue = try Catalogue(GivenPath(place))
      _ = try catalogue.search("dog", limit: 500, by: .text)
      try catalogue.visit { _ in }
    }
    if case .damaged = error {} else { Issue.record("\(String(describing: error))") }
  }

  /// Values of another kind than they should be.
  @Test(arguments: [
    "UPDATE content SET confidence = 'abc', width = 'abc', isVideo = 'x', caption = x'ff00fe'",
    "UPDATE concept SET number = 'q'", "UPDATE concept SET number = -3",
    "UPDATE content SET id = -5 WHERE id = 2",
    "UPDATE content SET id = 9223372036854775806 WHERE id = 2",
    "UPDATE content SET id = 3000000000 WHERE id = 2",
    "UPDATE features SET words = 'text', mean = 3", "UPDATE features SET content = -9 WHERE content = 2",
    "UPDATE file SET path = 17 WHERE path = (SELECT min(path) FROM file)",
    "UPDATE edit SET action = x'00', caption = 4",
  ])
  func wrongValuesDoNotCrash(change: String) throws {
    let test = try TestCatalogue()
    for index in 0..<5 { try test.add("\(index).jpg", "a dog \(index)", words: [1, 1, 1, 1]) }
    try test.catalogue.judge(1, .accept)
    let place = test.folder.path("copy.sqlite")
    try DatabaseQueue(path: test.folder.path("c.sqlite")).writeWithoutTransaction { db in
      try db.execute(sql: "VACUUM INTO ?", arguments: [place])
    }
    let queue = try DatabaseQueue(path: place)
    try queue.writeWithoutTransaction { db in
      try db.execute(sql: "PRAGMA foreign_keys = OFF")
      try db.execute(sql: change)
    }
    try queue.close()
    let catalogue = try Catalogue(GivenPath(place), .writing)
    func attempt(_ body: () throws -> Void) {
      do { try body() } catch { #expect(error is CatalogueError, "\(error)") }
    }
    attempt { _ = try catalogue.search("dog puppy", limit: 9) }
    attempt { _ = try catalogue.search("dog", limit: 9, by: .text) }
    attempt { _ = try catalogue.search(like: [1, 0, 0], model: 1, limit: 9) }
    attempt { _ = try catalogue.duplicates(cosine: 0.9) }
    attempt { try catalogue.visit { _ in } }
    attempt { try catalogue.pack() }
    attempt { _ = try catalogue.toReview(below: 1, limit: 9) }
    attempt { _ = try catalogue.judge(2, .drop) }
  }

  /// Reading needs no right to write, and does not wait for who writes.
  @Test func readingWritesNothing() throws {
    let test = try TestCatalogue()
    try test.add("a.jpg", "a dog")
    let writer = try DatabaseQueue(path: test.folder.path("c.sqlite"))
    try writer.writeWithoutTransaction { db in
      try db.execute(sql: "BEGIN IMMEDIATE")
      let start = ContinuousClock.now
      let reader = try Catalogue(GivenPath(test.folder.path("c.sqlite")))
      #expect(try reader.search("dog", limit: 1, by: .text).count == 1)
      #expect(ContinuousClock.now - start < .seconds(5))
      try db.execute(sql: "ROLLBACK")
    }
  }

  @Test func whatCannotBeOpenedIsTold() throws {
    try folder.write([], "c.sqlite/file")
    let error = #expect(throws: CatalogueError.self) { try Catalogue(path, .creating) }
    if case .inaccessible = error {} else { Issue.record("\(String(describing: error))") }
  }

  @Test func levelsKeepProbabilities() {
    for logit in stride(from: Float(-12), to: 11, by: 0.37) {
      let kept = WordLevels.logProbabilities[Int(WordLevels.level(logit))]
      #expect(abs(kept - -log1p(exp(-logit))) < 0.0626)
    }
    #expect(WordLevels.level(.nan) == 0 && WordLevels.level(.infinity) == 255 && WordLevels.level(-99) == 1)
  }
}
