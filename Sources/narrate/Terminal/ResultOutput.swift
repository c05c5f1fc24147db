import Files
import Reports

/// Where results go: standard output, a file that is there whole or not at all, or one that grows by whole lines.
package final class ResultOutput {
  private enum Place {
    case standardOutput
    case file(WholeFile)
    case lines(LineFile)
  }

  private let place: Place

  /// - Parameter path: nil and `-` are standard output.
  package init(path: GivenPath?) throws(FileError) {
    guard let path, !path.isStandardStream else {
      place = .standardOutput
      return
    }
    place = .file(try WholeFile(path))
  }

  /// - Parameter lines: each write is one of them, with its end.
  package init(lines: LineFile) { place = .lines(lines) }

  /// Nothing is held back: a reader sees each result as it comes.
  package func write(_ bytes: [UInt8]) throws(FileError) {
    switch place {
    case .standardOutput: try writeAll(bytes, to: .standardOutput, name: "standard output")
    case .file(let file): try file.write(bytes)
    case .lines(let file): try file.append(bytes)
    }
  }

  /// Without this, a file that is whole or not at all is not made.
  package func commit() throws(FileError) {
    switch place {
    case .standardOutput: break
    case .file(let file): try file.commit()
    case .lines(let file): try file.synchronize()
    }
  }
}
