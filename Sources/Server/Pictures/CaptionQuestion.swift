import Files
import Foundation
import HTTPTypes
import Hummingbird
import Media
import Narration

/// What is asked of a picture: how it is captioned, and what the answer shows.
package struct CaptionQuestion: Sendable {
  package var options = CaptionOptions()
  package var showsAttention = false
  /// As who asked gave it.
  package var id: JSON?

  /// The usual.
  package init() {}

  /// Sets an option by its name.
  /// - Parameter value: text, or what stands in JSON
  /// - Throws: `Problem` for a value that it cannot have.
  package mutating func set(_ name: String, _ value: JSON) throws(Problem) {
    switch name {
    case "top": options.top = try Self.number(name, value, CaptionOptions.tops)
    case "beam": options.beamWidth = try Self.number(name, value, CaptionOptions.beamWidths)
    case "max_words": options.maximumWords = try Self.number(name, value, CaptionOptions.lengths)
    case "people":
      guard let people = value.string.flatMap(PeopleWording.init) else {
        throw .usage("people is one of guess, cautious and neutral")
      }
      options.people = people
    case "language":
      options.language = try Self.language(value)
    case "style":
      guard let style = value.string else { throw .usage("style is a name") }
      options.style = style
    case "attention":
      switch value {
      case .boolean(let shows): showsAttention = shows
      case .string("true"), .string("1"): showsAttention = true
      case .string("false"), .string("0"): showsAttention = false
      default: throw .usage("attention is true or false")
      }
    default: throw .usage("there is no option \(name.shortened())")
    }
  }

  static let names: Set<String> = ["top", "beam", "max_words", "people", "language", "style", "attention"]

  /// - Throws: `Problem` for an option that is not known, given twice, or out of its range.
  init(_ query: Query) throws(Problem) {
    for (name, value) in query.items where name != "token" { try set(name, .string(value)) }
  }

  static func language(_ value: JSON) throws(Problem) -> CaptionLanguage {
    guard let language = value.string.flatMap(CaptionLanguage.init) else {
      throw .usage("language is one of \(CaptionLanguage.allCases.map(\.rawValue).joined(separator: ", "))")
    }
    return language
  }

  static func number(_ name: String, _ value: JSON, _ range: ClosedRange<Int>) throws(Problem) -> Int {
    let number: Int? =
      switch value {
      case .integer(let number): number
      case .string(let text): Int(text)
      default: nil
      }
    guard let number, range.contains(number) else {
      throw .usage("\(name) takes \(range.lowerBound) to \(range.upperBound)")
    }
    return number
  }

  static func seconds(_ name: String, _ value: String, _ range: ClosedRange<Double>) throws(Problem) -> Double
  {
    guard let number = Double(value), range.contains(number) else {
      throw .usage("\(name) takes \(range.lowerBound) to \(range.upperBound)")
    }
    return number
  }
}

/// The part of an address after the question mark.
struct Query: Sendable {
  let items: [(name: String, value: String)]

  /// - Throws: `Problem` for a name that is there twice
  init(_ request: Request) throws(Problem) {
    var items: [(name: String, value: String)] = []
    for (name, value) in request.uri.queryParameters.map({ (String($0.key), String($0.value)) }) {
      guard !items.contains(where: { $0.name == name }) else {
        throw .usage("\(name.shortened()) is given twice")
      }
      items.append((name, value))
    }
    self.items = items
  }

  subscript(name: String) -> String? { items.first { $0.name == name }?.value }

  /// - Throws: `Problem` for a name that is none of these
  func check(_ names: Set<String>) throws(Problem) {
    for (name, _) in items where name != "token" && !names.contains(name) {
      throw .usage("there is no option \(name.shortened())")
    }
  }
}

/// Bytes as JSON has them: base64, or a data URI (RFC 2397).
package enum EncodedBytes {
  /// - Throws: `Problem` for an address, which nobody fetches, and for what is not base64.
  package static func decode(_ text: String) throws(Problem) -> [UInt8] {
    var coded = Substring(text)
    if text.prefix(5).lowercased() == "data:" {
      guard let comma = text.firstIndex(of: ","), text[..<comma].lowercased().hasSuffix(";base64") else {
        throw Problem(.unprocessableContent, "undecodable", "a data URI that is not base64")
      }
      coded = text[text.index(after: comma)...]
    } else if text.prefix(16).contains("://") {
      throw Problem(
        .badRequest, "usage", "pictures are sent as data URIs or base64; no address is ever fetched")
    }
    guard let data = Data(base64Encoded: plain(coded)), !data.isEmpty else {
      throw Problem(.unprocessableContent, "undecodable", "neither base64 nor a data URI")
    }
    return [UInt8](data)
  }

  /// In the usual alphabet, padded and without white space, which some break lines with (RFC 4648, sections 4 and 5).
  private static func plain(_ coded: Substring) -> Data {
    var bytes = Data(coded.utf8)
    let isPlain =
      bytes.count % 4 == 0
      && !bytes.contains { $0 <= 0x20 || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_") }
    if isPlain { return bytes }
    bytes.removeAll { $0 == 0x20 || $0 == 0x0a || $0 == 0x0d || $0 == 0x09 }
    for index in bytes.indices {
      if bytes[index] == UInt8(ascii: "-") { bytes[index] = UInt8(ascii: "+") }
      if bytes[index] == UInt8(ascii: "_") { bytes[index] = UInt8(ascii: "/") }
    }
    return bytes + Data(repeating: UInt8(ascii: "="), count: (4 - bytes.count % 4) % 4)
  }

  /// Values cost more to decode than the bytes that they stand in, and requests have few of them beside their long texts.
  private static func hasFewValues(_ bytes: [UInt8]) -> Bool {
    var (count, isText, isEscaped) = (0, false, false)
    for byte in bytes {
      if isText {
        if isEscaped {
          isEscaped = false
        } else if byte == UInt8(ascii: "\\") {
          isEscaped = true
        } else if byte == UInt8(ascii: "\"") {
          isText = false
        }
      } else if byte == UInt8(ascii: "\"") {
        isText = true
      } else if byte == UInt8(ascii: ",") || byte == UInt8(ascii: "[") || byte == UInt8(ascii: "{") {
        count += 1
        if count > 10_000 { return false }
      }
    }
    return true
  }

  /// A JSON object of a body.
  package static func object(_ bytes: [UInt8]) throws(Problem) -> JSON {
    guard hasFewValues(bytes) else { throw .usage("the body has too many values") }
    guard let value = try? JSONDecoder().decode(JSON.self, from: Data(bytes)), case .object = value else {
      throw .usage("the body is no JSON object")
    }
    return value
  }
}
