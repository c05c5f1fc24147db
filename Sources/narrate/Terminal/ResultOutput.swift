import Files
import Reports

/// Where results go: standard output, or a file that is there whole or not at all.
package final class ResultOutput {
  private let file: WholeFile?

  /// - Parameter path: nil and `-` are standard output.
  package init(path: GivenPath?) throws(FileError) {
    guard let path, !path.isStandardStream else {
      file = nil
      return
    }
    file = try WholeFile(path)
  }

  /// Nothing is held back: a reader sees each result as it comes.
  package func write(_ bytes: [UInt8]) throws(FileError) {
    if let file {
      try file.write(bytes)
    } else {
      try writeAll(bytes, to: .standardOutput, name: "standard output")
    }
  }

  /// Without this, a file is not made.
  package func commit() throws(FileError) {
    try file?.commit()
  }
}
