import Files
import GRDB

/// Why a catalogue cannot be used.
package enum CatalogueError: Error, Equatable, CustomStringConvertible {
  /// There is none.
  case missing(path: String)
  /// A file of another kind, or one that is damaged.
  case damaged(path: String, reason: String)
  /// Made by a newer version of the program.
  case newer(path: String)
  /// Another process writes to it, and goes on doing so.
  case busy(path: String)
  /// It cannot be read or written: no right, no room.
  case inaccessible(path: String, reason: String)

  package var description: String {
    switch self {
    case .missing(let path): "\(path): no catalogue (narrate library add DIR makes one)"
    case .damaged(let path, let reason): "\(path): no catalogue, or a damaged one: \(reason)"
    case .newer(let path): "\(path): a catalogue of a newer version of narrate"
    case .busy(let path): "\(path): another process is writing to the catalogue"
    case .inaccessible(let path, let reason): "\(path): \(reason)"
    }
  }

  /// What SQLite says, in our words.
  init(_ error: any Error, path: String) {
    guard let error = error as? DatabaseError else {
      self = (error as? CatalogueError) ?? .inaccessible(path: path, reason: "\(error)".shortened())
      return
    }
    let reason = (error.message ?? "unknown error").shortened()
    switch error.resultCode {
    case .SQLITE_BUSY, .SQLITE_LOCKED: self = .busy(path: path)
    case .SQLITE_CANTOPEN, .SQLITE_READONLY, .SQLITE_FULL, .SQLITE_IOERR, .SQLITE_PERM, .SQLITE_NOMEM:
      self = .inaccessible(path: path, reason: reason)
    default: self = .damaged(path: path, reason: reason)
    }
  }
}
