import Files
import Foundation
import Reports

/// A picture from standard input, kept in a file without a name, since decoders go back and forth in it.
final class StandardInput {
  /// A picture file of this size is a mistake.
  private static let mostBytes = 1 << 30
  private let file: TemporaryFile

  /// Reads to the end.
  /// - Throws: `InputFailure`, `FileError`, or the exit status if a signal came.
  init() throws {
    file = try TemporaryFile()
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    var total = 0
    while true {
      // Another thread handles signals, and they end no wait of this one.
      var source = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
      let ready = poll(&source, 1, 100)
      try Interruption.check()
      if ready == 0 { continue }
      let count = read(STDIN_FILENO, &chunk, chunk.count)
      if count == 0 { break }
      guard count > 0 else {
        if errno == EINTR { continue }
        throw InputFailure.unreadable(errno)
      }
      total += count
      guard total <= Self.mostBytes else {
        throw InputFailure(kind: .tooLarge, message: "standard input has more than 1 GiB")
      }
      try file.append(Array(chunk.prefix(count)))
    }
  }

  var path: GivenPath { GivenPath(file.path) }
}
