import Files

/// A folder that is no checkpoint that can be imported.
package struct ImportError: Error, CustomStringConvertible, Equatable {
  package let path: String
  package let reason: String

  package init(_ path: String, _ reason: String) { (self.path, self.reason) = (path, reason) }

  /// One line that names the file and the reason.
  package var description: String { "\(path): \(reason.asMessage)" }
}
