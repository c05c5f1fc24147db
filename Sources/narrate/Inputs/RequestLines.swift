import Files
import Glibc

/// The lines that come through a descriptor, each as soon as it is there.
package final class RequestLines {
  package enum Line: Equatable {
    /// Without its end.
    case text([UInt8])
    /// One that is longer than is allowed; nothing of it is kept.
    case tooLong
  }

  private static let lineEnd = UInt8(ascii: "\n")
  private let descriptor: CInt
  private let longest: Int
  /// What was read and not yet given, and how much of it has no line end.
  private var buffer: [UInt8] = []
  private var searched = 0
  private var isSkipping = false
  private var isAtEnd = false
  private var chunk = [UInt8](repeating: 0, count: 1 << 16)

  /// - Parameter longest: bytes of a line
  package init(descriptor: CInt = STDIN_FILENO, longest: Int = LineFile.longestLine) {
    (self.descriptor, self.longest) = (descriptor, longest)
  }

  /// The next line; nil at the end, once nobody wants it, and where none is there yet and it does not wait for one.
  /// - Throws: `FileError`, or the exit status if a signal came
  package func next(waits: Bool, _ isWanted: () -> Bool) throws -> Line? {
    while true {
      if let line = take() { return line }
      if isAtEnd { return last() }
      guard isWanted(), try fill(waits: waits) || waits else { return nil }
    }
  }

  /// A line that was read as a whole.
  private func take() -> Line? {
    guard let end = buffer[searched...].firstIndex(of: Self.lineEnd) else {
      searched = buffer.count
      if buffer.count > longest {
        isSkipping = true
        buffer = []
        searched = 0
      }
      return nil
    }
    defer {
      buffer.removeFirst(end + 1)
      (searched, isSkipping) = (0, false)
    }
    return isSkipping || end > longest ? .tooLong : .text(Array(buffer[..<end]))
  }

  /// What is after the last line end.
  private func last() -> Line? {
    defer { (buffer, searched, isSkipping) = ([], 0, false) }
    if isSkipping { return .tooLong }
    return buffer.isEmpty ? nil : .text(buffer)
  }

  /// Reads some of what is there.
  /// - Returns: whether there was anything
  private func fill(waits: Bool) throws -> Bool {
    // Another thread handles signals, and they end no wait of this one.
    var ready = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    let isReady = poll(&ready, 1, waits ? 100 : 0) > 0
    try Interruption.check()
    guard isReady else { return false }
    let count = read(descriptor, &chunk, chunk.count)
    let code = errno
    guard count >= 0 else {
      if code == EINTR || code == EAGAIN { return false }
      throw FileError(.read, path: "standard input", code: code)
    }
    if count == 0 { isAtEnd = true }
    buffer += chunk.prefix(count)
    return true
  }
}
