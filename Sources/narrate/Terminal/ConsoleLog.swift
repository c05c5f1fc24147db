import Logging
import Reports

/// Sends swift-log's messages to standard error, by way of the console.
struct ConsoleLog: LogHandler {
  let console: Console
  var logLevel: Logger.Level
  var metadata: Logger.Metadata = [:]

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) {
    console.log(event.level.rawValue, "\(event.message)")
  }

  /// Called once, before the first logger is made.
  static func start(_ console: Console, isVerbose: Bool) {
    LoggingSystem.bootstrap { _ in ConsoleLog(console: console, logLevel: isVerbose ? .debug : .warning) }
  }
}
