/// Why something that others wrote cannot be read or added to. What the system refuses is a `FileError`.
package enum MetadataError: Error, Equatable, CustomStringConvertible {
  /// A file that is no XMP, is another picture's, or may not be written.
  case sidecar(path: String, reason: String)
  /// A page that is none.
  case page(path: String, reason: String)
  /// A library that is not installed.
  case unavailable(reason: String)

  /// One line: `photo.jpg.xmp: is no XMP (…)`.
  package var description: String {
    switch self {
    case .sidecar(let path, let reason), .page(let path, let reason): "\(path): \(reason)"
    case .unavailable(let reason): reason
    }
  }
}
