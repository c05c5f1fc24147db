import Files
import Foundation
import Media
import Narration
import Reports
import SystemPackage

/// What a line of standard input asked for.
package final class Request: Sendable, Equatable {
  /// As it was given: text or a number.
  package let id: JSON?
  /// Whether there is a path to be told.
  package let isNamed: Bool
  /// The bytes that came with it, which are there as long as this is.
  private let file: TemporaryFile?

  init(id: JSON? = nil, isNamed: Bool, file: TemporaryFile? = nil) {
    (self.id, self.isNamed, self.file) = (id, isNamed, file)
  }

  package static func == (left: Request, right: Request) -> Bool { left === right }
}

/// The inputs that lines of standard input ask for: a path, or a JSON object with an `id`, and a `path` or the file's bytes in base64
/// as `data`. A line that is wrong is an input that fails.
package final class RequestedInputs: InputSource {
  private let lines: RequestLines
  private let batch: Int
  private var number = 0
  /// Digests of the ids so far, of which there may be millions.
  private var ids: Set<ContentKey> = []

  package var total: Int? { nil }

  /// - Parameter batch: inputs given at a time, at most: those that are there at once
  package init(_ lines: RequestLines, batch: Int) { (self.lines, self.batch) = (lines, batch) }

  package func next(_ isWanted: () -> Bool) throws -> InputBatch? {
    var inputs: [Input] = []
    while inputs.count < batch, let line = try lines.next(waits: inputs.isEmpty, isWanted) {
      number += 1
      inputs.append(try input(line))
    }
    return inputs.isEmpty ? nil : InputBatch(inputs: inputs)
  }

  private func input(_ line: RequestLines.Line) throws -> Input {
    switch line {
    case .tooLong: return failed(.tooLarge, "a line of more than \(LineFile.longestLine >> 20) MiB")
    case .text(let bytes):
      let start = bytes.first { $0 != UInt8(ascii: " ") && $0 != UInt8(ascii: "\t") }
      if start == UInt8(ascii: "{") { return try object(bytes) }
      let text = bytes.last == UInt8(ascii: "\r") ? bytes.dropLast() : bytes[...]
      guard !text.isEmpty else { return failed(.empty, "an empty line") }
      return file(GivenPath(bytes: text), id: nil)
    }
  }

  private func object(_ bytes: [UInt8]) throws -> Input {
    let object: JSON
    do {
      object = try JSONDecoder().decode(JSON.self, from: Data(bytes))
    } catch {
      return failed(.undecodable, "no JSON object")
    }
    var id = object["id"]
    switch id {
    case nil, .string, .integer, .unsigned, .number: break
    case .null: id = nil
    default: return failed(.unsupported, #""id" is neither text nor a number"#)
    }
    let path = object["path"]?.string.map { GivenPath($0) }
    if let id, !ids.insert(ContentKey(Array(id.text.utf8))).inserted {
      return failed(.unsupported, #"the "id" of an earlier line"#, id: id, path: path)
    }
    switch (object["data"], path) {
    case (.string(let text)?, _):
      guard let bytes = Data(base64Encoded: text) else {
        return failed(.undecodable, #""data" is not base64"#, id: id, path: path)
      }
      let file = try TemporaryFile([UInt8](bytes))
      var input = Input(path ?? name, source: GivenPath(file.path))
      input.request = Request(id: id, isNamed: path != nil, file: file)
      return input
    case (nil, let path?), (.null?, let path?): return file(path, id: id)
    default: return failed(.unsupported, #"has neither a "path" nor "data""#, id: id, path: path)
    }
  }

  private func file(_ path: GivenPath, id: JSON?) -> Input {
    // The system would take what is before a NUL for the name.
    guard !path.bytes.contains(0) else { return failed(.missing, "no such file", id: id, path: path) }
    let isItself =
      path.isStandardStream
      || FileIdentity(path.location).map { $0 == FileIdentity(.standardInput) } ?? false
    guard !isItself else { return failed(.unsupported, "is where the lines come from", id: id, path: path) }
    var input = Input(path)
    input.request = Request(id: id, isNamed: true)
    return input
  }

  /// What messages call a line without a path.
  private var name: GivenPath { GivenPath("line \(number)") }

  private func failed(
    _ kind: FailureKind, _ message: String, id: JSON? = nil, path: GivenPath? = nil
  ) -> Input {
    var input = Input(path ?? name, failure: InputFailure(kind: kind, message: message))
    input.request = Request(id: id, isNamed: path != nil)
    return input
  }
}
