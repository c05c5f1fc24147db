import Files
import Foundation
import Models
import Narration
import Reports
import Synchronization
import Training

/// Standard error: the one place where messages and progress are written, so that a bar and a line never mix.
package final class Console: Sendable {
  private struct State {
    var bar = ""
    var lastDrawn: ContinuousClock.Instant?
  }

  private let mode: ProgressMode
  private let hasColor: Bool
  private let showsBar: Bool
  private let resultsShareTerminal = isatty(STDOUT_FILENO) == 1
  private let state = Mutex(State())

  package init(_ mode: ProgressMode, environment: [String: String] = ProcessInfo.processInfo.environment) {
    self.mode = mode
    // https://no-color.org: any value but the empty one.
    hasColor = (environment["NO_COLOR"] ?? "").isEmpty
    showsBar =
      mode == .auto && isatty(LimitedMemory.standardError.rawValue) == 1 && environment["TERM"] != "dumb"
  }

  /// One line, with the program's name before it; one JSON object with `--progress json`.
  package func report(_ message: String) {
    let message = message.shortened()
    say(message, event: [("event", .string("error")), ("message", .string(message))])
  }

  /// An input that failed: one line with its path.
  package func report(_ path: GivenPath, _ failure: InputFailure) {
    let fields: [(key: String, value: JSON)] = [
      ("event", .string("error")), ("path", .string(path.text)), ("kind", .string(failure.kind.rawValue)),
      ("message", .string(failure.message)),
    ]
    say("\(path.text): \(failure.message)", event: fields)
  }

  /// What became of the run: one line, or one JSON object with these fields.
  package func tell(_ message: String, _ fields: [(key: String, value: JSON)]) {
    say(message, event: [("event", .string("summary"))] + fields)
  }

  /// A line of the log.
  func log(_ level: String, _ message: String) {
    let message = message.shortened()
    say("\(level): \(message)", event: [("event", .string(level)), ("message", .string(message))])
  }

  /// Shows how far the work is: a bar ten times a second at most, or a JSON line each time.
  package func show(_ progress: ProgressBar) {
    if mode == .json {
      state.withLock { _ in Self.put(progress.json + "\n") }
    } else if showsBar && progress.total > 1 {
      state.withLock { state in
        let now = ContinuousClock.now
        if let last = state.lastDrawn, now - last < .milliseconds(100), progress.done < progress.total {
          return
        }
        state.lastDrawn = now
        state.bar = progress.line(width: Self.width - 1, hasColor: hasColor)
        Self.put("\r\u{1B}[K" + state.bar)
      }
    }
  }

  /// Takes the bar away while `body` prints to standard output, which may be the same terminal.
  package func withoutBar<Failure: Error>(_ body: () throws(Failure) -> Void) throws(Failure) {
    let bar = resultsShareTerminal ? state.withLock { $0.bar } : ""
    if !bar.isEmpty { Self.put("\r\u{1B}[K") }
    try body()
    if !bar.isEmpty { Self.put(bar) }
  }

  /// Takes the bar away for good.
  package func finish() {
    state.withLock { state in
      if !state.bar.isEmpty { Self.put("\r\u{1B}[K") }
      state.bar = ""
    }
  }

  private func say(_ message: String, event: [(key: String, value: JSON)]) {
    let line = mode == .json ? JSON.object(event).text : "narrate: " + message.escapingControls
    state.withLock { state in
      Self.put((state.bar.isEmpty ? "" : "\r\u{1B}[K") + line + "\n" + state.bar)
    }
  }

  /// There is nobody to be told that standard error fails.
  private static func put(_ text: String) {
    try? writeAll(Array(text.utf8), to: LimitedMemory.standardError, name: "standard error")
  }

  /// Columns of the terminal.
  private static var width: Int {
    var size = winsize()
    return ioctl(LimitedMemory.standardError.rawValue, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0
      ? Int(size.ws_col) : 80
  }
}
