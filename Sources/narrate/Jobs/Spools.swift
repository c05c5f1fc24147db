import Files
import Foundation
import Reports
import Synchronization
import SystemPackage

/// The pipes among a run's inputs: `-` and other names of standard input, FIFOs, what a shell makes of `<(…)`. Each is read once,
/// into a file without a name, since decoders go back and forth.
package final class Spools: Sendable {
  private let spools = Mutex<[GivenPath: Spool]>([:])

  package init() {}

  /// Calls `body` with a readable path to an input, be it a pipe or a file.
  /// - Throws: `InputFailure` and `FileError` of a pipe, and the exit status where a signal came.
  package func reading<Result>(_ path: GivenPath, _ body: (String) throws -> Result) throws -> Result {
    guard let source = Self.pipe(path) else { return try path.withReadableText(body) }
    let spool = try spools.withLock { spools in
      let spool = try spools[source] ?? Spool(source)
      spools[source] = spool
      return spool
    }
    return try withExtendedLifetime(spool) { try body(spool.path) }
  }

  /// A path to the same bytes that can be read again and again, as long as this object lives.
  /// - Throws: as `reading`.
  package func path(_ argument: String) throws -> String {
    let given = GivenPath(argument: argument)
    return Self.pipe(given) == nil ? argument : try reading(given) { $0 }
  }

  /// Gives up what was read of a pipe. Standard input stays: it may be named again.
  package func forget(_ path: GivenPath) {
    spools.withLock { spools in
      if !spools.isEmpty, !path.isStandardStream { spools[path] = nil }
    }
  }

  /// The pipe that an input is; nil for a file, for a folder, and for nothing.
  private static func pipe(_ path: GivenPath) -> GivenPath? {
    if path.isStandardStream { return path }
    guard let type = (try? path.location.stat())?.type, type == .fifo || type == .socket else { return nil }
    let isStandardInput = FileIdentity(path.location) == FileIdentity(.standardInput)
    return isStandardInput ? GivenPath("-") : path
  }
}

/// What came through a pipe.
private final class Spool: Sendable {
  /// More is a mistake: a pipe without an end would fill the disk.
  private static let mostBytes = 16 << 30
  private let file: TemporaryFile
  var path: String { file.path }

  /// Reads to the end.
  /// - Throws: `InputFailure`, `FileError`, or the exit status if a signal came.
  init(_ source: GivenPath) throws {
    let descriptor = try Self.open(source)
    defer { if descriptor != STDIN_FILENO { close(descriptor) } }
    file = try TemporaryFile()
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    var total = 0
    while true {
      // Another thread handles signals, and they end no wait of this one. A FIFO that nobody writes to yet has no end.
      var ready = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      let count = poll(&ready, 1, 100) > 0 ? read(descriptor, &chunk, chunk.count) : -1
      let code = ready.revents == 0 ? EAGAIN : errno
      try Interruption.check()
      if count == 0 { break }
      guard count > 0 else {
        if code == EINTR || code == EAGAIN { continue }
        throw InputFailure.unreadable(code)
      }
      total += count
      guard total <= Self.mostBytes else {
        throw InputFailure(kind: .tooLarge, message: "a pipe with more than 16 GiB")
      }
      try file.append(Array(chunk.prefix(count)))
    }
  }

  private static func open(_ source: GivenPath) throws(InputFailure) -> CInt {
    if source.isStandardStream { return STDIN_FILENO }
    // Without waiting for a writer, since nothing could end that wait.
    let descriptor = source.location.withCString { Glibc.open($0, O_RDONLY | O_NONBLOCK | O_CLOEXEC) }
    guard descriptor >= 0 else { throw .unreadable(errno) }
    return descriptor
  }
}
