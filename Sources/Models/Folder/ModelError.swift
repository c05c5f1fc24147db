import Files
import Networks

/// A model folder that cannot be used.
package enum ModelError: Error, CustomStringConvertible, Equatable {
  /// The folder or one of its files is not there.
  case missing(path: String, reason: String)
  /// A file is damaged, or the files do not fit each other or this program.
  case damaged(path: String, reason: String)

  /// One line that names the file and the reason.
  package var description: String {
    switch self {
    case .missing(let path, let reason), .damaged(let path, let reason): "\(path): \(reason.asMessage)"
    }
  }

  package init(_ error: SafetensorsError) {
    switch error {
    case .unreadable(let path, let reason): self = .missing(path: path, reason: reason)
    case .damaged(let path, let reason):
      self = .damaged(path: path, reason: "damaged weights: \(reason)")
    }
  }
}
