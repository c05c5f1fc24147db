import Files
import Foundation
import GRDB
import SystemPackage

/// What is known of a collection of pictures and videos: an SQLite file (write-ahead log) with their contents, where those are,
/// what is said of them, and what they look like.
///
/// A content is told by its bytes, so that a file that moves, or is there twice, is described once.
package final class Catalogue: Sendable {
  /// As the caller gave it.
  package let path: GivenPath
  private let reader: any DatabaseReader
  /// Nil where it is only read.
  private let writer: DatabasePool?
  /// The folder that it lies in, links followed: files there and below are kept relative to it, so that both can move together.
  let folder: FilePath
  /// The same as it is shown: by the name that was given, unless that is a link to elsewhere.
  private let start: [UInt8]

  /// The name of the file in a folder.
  package static let usualName = "narrate.sqlite"
  /// Tells SQLite's files apart: "NARR".
  private static let application = 0x4E41_5252

  /// What it is opened for.
  package enum Access: Sendable {
    case reading
    case writing
    /// Made where there is none.
    case creating
  }

  /// Opens a catalogue. Nothing is written to what is none, and nothing at all for reading.
  /// - Throws: `CatalogueError`
  package init(_ path: GivenPath, _ access: Access = .reading) throws(CatalogueError) {
    self.path = path
    if access == .creating, path.location.kind == nil { try Self.make(path) }
    guard let place = path.location.resolved else { throw .missing(path: path.text) }
    folder = place.parent
    let given = path.bytes
    start =
      path.location.parent.resolved == folder
      ? given.lastIndex(of: UInt8(ascii: "/")).map { Array(given[...$0]) } ?? []
      : folder.bytes + [UInt8(ascii: "/")]
    try Self.check(path)
    do {
      var configuration = Configuration()
      configuration.busyMode = .timeout(10)
      if access == .reading {
        writer = nil
        reader = try Self.reader(place, configuration)
      } else {
        configuration.maximumReaderCount = 8
        let pool = try DatabasePool(path: place.string, configuration: configuration)
        (writer, reader) = (pool, pool)
      }
      let migrator = Schema.migrator
      if try reader.read(migrator.hasBeenSuperseded) { throw CatalogueError.newer(path: path.text) }
      if let writer {
        try migrator.migrate(writer)
      } else if try !reader.read(migrator.hasCompletedMigrations) {
        throw CatalogueError.damaged(
          path: path.text, reason: "it was never finished (narrate library add does)")
      }
    } catch {
      throw CatalogueError(error, path: path.text)
    }
  }

  /// A connection that writes nothing. In a folder that cannot be written to, the file alone is read, as nobody changes it.
  private static func reader(_ place: FilePath, _ configuration: Configuration) throws -> any DatabaseReader {
    var configuration = configuration
    configuration.readonly = true
    do {
      let queue = try DatabaseQueue(path: place.string, configuration: configuration)
      _ = try queue.read { db in try Int.fetchOne(db, sql: "SELECT count(*) FROM sqlite_master") }
      return queue
    } catch let error as DatabaseError where [.SQLITE_CANTOPEN, .SQLITE_READONLY].contains(error.resultCode) {
      let plain = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/".utf8)
      let name = place.bytes.map {
        plain.contains($0) ? String(UnicodeScalar($0)) : "%" + String(format: "%02X", $0)
      }.joined()
      return try DatabaseQueue(path: "file:\(name)?immutable=1", configuration: configuration)
    }
  }

  /// What SQLite's file format says of a file: its beginning, and whose it is (section 1.3).
  private static func check(_ path: GivenPath) throws(CatalogueError) {
    let reason: String
    do throws(FileError) {
      let file = try OpenFile(regular: path.location, knownAs: path.text)
      let size = try file.size()
      let head = UnsafeMutableRawBufferPointer.allocate(byteCount: min(size, 100), alignment: 1)
      defer { head.deallocate() }
      try file.read(head, at: 0)
      if head.count == 100, head.starts(with: "SQLite format 3\0".utf8) {
        if head[68..<72].reduce(0, { $0 << 8 | Int($1) }) == application { return }
        reason = "a database of another program"
      } else {
        reason = "no SQLite file"
      }
    } catch {
      throw .inaccessible(path: path.text, reason: FileError.reason(error.code))
    }
    throw .damaged(path: path.text, reason: reason)
  }

  /// Makes an empty one beside its place, and then puts it there, unless somebody was faster.
  private static func make(_ path: GivenPath) throws(CatalogueError) {
    do {
      let folder = try UnfinishedFolder(of: path.location, knownAs: path.text)
      let file = folder.path.appending("new")
      let queue = try DatabaseQueue(path: file.string)
      try queue.write { db in try db.execute(sql: "PRAGMA application_id = \(application)") }
      try queue.close()
      let status = file.withCString { from in path.location.withCString { link(from, $0) } }
      guard status == 0 || errno == EEXIST else {
        throw FileError(.write, path: path.text, code: errno)
      }
    } catch let error as FileError {
      throw .inaccessible(path: path.text, reason: FileError.reason(error.code))
    } catch {
      throw CatalogueError(error, path: path.text)
    }
  }

  /// Does something with the database, errors in our words.
  func reading<Value>(_ body: (Database) throws -> Value) throws(CatalogueError) -> Value {
    do { return try reader.read(body) } catch { throw CatalogueError(error, path: path.text) }
  }

  /// The same in a transaction: all of it is done, or nothing.
  func writing<Value>(_ body: (Database) throws -> Value) throws(CatalogueError) -> Value {
    guard let writer else { preconditionFailure("a catalogue that was opened for reading") }
    do { return try writer.write(body) } catch { throw CatalogueError(error, path: path.text) }
  }

  /// How a file's path is kept: relative to the catalogue's folder where it is in there, else absolute.
  func stored(_ file: GivenPath) -> [UInt8] {
    let place = file.location
    let whole = (place.parent.resolved ?? place.parent).appending(place.lastComponent.map { [$0] } ?? [])
    let (bytes, start) = (whole.bytes, folder.bytes + [UInt8(ascii: "/")])
    return bytes.starts(with: start) ? Array(bytes.dropFirst(start.count)) : bytes
  }

  /// Where a path that is kept leads, by the catalogue's path as it was given.
  func shown(_ stored: [UInt8]) -> GivenPath {
    if stored.first == UInt8(ascii: "/") { return GivenPath(bytes: stored) }
    return GivenPath(bytes: start + stored)
  }
}

extension Row {
  // Values as they should be; nil for those of another kind, which a damaged file may hold.
  func text(_ name: String) -> String? { String.fromDatabaseValue(self[name]) }
  func integer(_ name: String) -> Int? { Int.fromDatabaseValue(self[name]) }
  func number(_ name: String) -> Int64? { Int64.fromDatabaseValue(self[name]) }
  func bool(_ name: String) -> Bool? { Bool.fromDatabaseValue(self[name]) }
  func data(_ name: String) -> Data? { Data.fromDatabaseValue(self[name]) }
}

extension ContentKey {
  /// As it stands in the catalogue: 24 bytes, big-endian.
  var data: Data {
    Data(
      [high, low, size].flatMap { number in (0..<8).map { UInt8(truncatingIfNeeded: number >> (56 - 8 * $0)) }
      })
  }
}
