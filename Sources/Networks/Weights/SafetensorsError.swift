import Files

/// A weights file that cannot be used.
package enum SafetensorsError: Error, CustomStringConvertible, Equatable {
  /// The file cannot be opened or read.
  case unreadable(path: String, reason: String)
  /// Its bytes are not what they should be.
  case damaged(path: String, reason: String)

  package var description: String {
    switch self {
    case .unreadable(let path, let reason): "\(path): cannot be read: \(reason.asMessage)"
    case .damaged(let path, let reason): "\(path): damaged weights: \(reason.asMessage)"
    }
  }
}
