import Files
import Foundation
import Logging

/// Sends swift-log's messages to standard error as JSON, an object a line: what a server says, for who collects it.
struct JSONLog: LogHandler {
  let label: String
  var logLevel: Logger.Level
  var metadata: Logger.Metadata = [:]

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) {
    let all = metadata.merging(event.metadata ?? [:]) { $1 }
    // The library's own name for it.
    let named = all.map { ($0 == "hb.request.id" ? "request" : $0, "\($1)") }.sorted { $0.0 < $1.0 }
    let object = JSON.object(
      [
        ("time", .string(Date.now.formatted(.iso8601))), ("level", .string(event.level.rawValue)),
        ("message", .string("\(event.message)".shortened())),
      ] + named.map { ($0, .string($1)) })
    try? FileHandle.standardError.write(contentsOf: Data((object.text + "\n").utf8))
  }
}
