import Datasets
import Files
import Foundation

/// Settings of a training run: every value has a default, and a file may change any of them.
package protocol TrainingSettings: Codable, Sendable {
  init()
  /// - Parameter path: the file that the settings come from, for the message.
  /// - Throws: `DataError` naming the first setting that is out of its range, and the range.
  func validate(path: String) throws(DataError)
}

extension CaptionSettings: TrainingSettings {}

extension TrainingSettings {
  /// Reads a settings file: a JSON object with any of the settings that `printed` shows; the others keep
  /// their defaults.
  /// - Throws: `DataError` naming the setting that is unknown, of the wrong type or out of its range.
  package init(contentsOf url: URL) throws {
    let bytes = try DataFile.bytes(url.path)
    try self.init(json: Data(bytes), path: url.path)
  }

  /// - Parameter path: where the JSON is from, for messages.
  package init(json: Data, path: String) throws(DataError) {
    do {
      let given = try JSONDecoder().decode(JSONValue.self, from: json)
      let whole = try JSONValue(defaults: Self()).overlaid(by: given, path: path, place: nil)
      self = try JSONDecoder().decode(Self.self, from: JSONEncoder().encode(whole))
    } catch let error as DecodingError {
      throw DataError(.damaged, path: path, place: error.place, reason: error.reason)
    } catch let error as DataError {
      throw error
    } catch {
      throw DataError(.damaged, path: path, reason: "\(error)")
    }
    try validate(path: path)
  }

  /// The settings as JSON for people: one a line, sorted by name, with a line end.
  package var printed: String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    // Every number of settings that passed `validate` is finite, which is all that encoding asks for.
    guard let text = try? encoder.encode(self) else { preconditionFailure("settings that are not finite") }
    return String(decoding: text, as: UTF8.self) + "\n"
  }
}

/// JSON as it stands, numbers with the kind they are of, to compare what a file says with what may be said.
private enum JSONValue: Codable {
  case null
  case bool(Bool)
  case whole(Int64)
  /// Whole numbers above `Int64.max`: seeds.
  case large(UInt64)
  case number(Double)
  case string(String)
  case list([JSONValue])
  case object([String: JSONValue])

  /// The settings of a structure. Not by way of JSON, which does not tell 5 from 5.0.
  init(defaults: Any) {
    switch defaults {
    case let value as Bool: self = .bool(value)
    case let value as Int: self = .whole(Int64(value))
    case let value as UInt64: self = .large(value)
    case let value as Double: self = .number(value)
    case let value as String: self = .string(value)
    default:
      let members = Mirror(reflecting: defaults).children.compactMap { child in
        child.label.map { ($0, JSONValue(defaults: child.value)) }
      }
      self = .object(Dictionary(uniqueKeysWithValues: members))
    }
  }

  init(from decoder: any Decoder) throws {
    let value = try decoder.singleValueContainer()
    if value.decodeNil() {
      self = .null
    } else if let bool = try? value.decode(Bool.self) {
      self = .bool(bool)
    } else if let whole = try? value.decode(Int64.self) {
      self = .whole(whole)
    } else if let large = try? value.decode(UInt64.self) {
      self = .large(large)
    } else if let number = try? value.decode(Double.self) {
      self = .number(number)
    } else if let string = try? value.decode(String.self) {
      self = .string(string)
    } else if let list = try? value.decode([JSONValue].self) {
      self = .list(list)
    } else {
      self = .object(try value.decode([String: JSONValue].self))
    }
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .null: try container.encodeNil()
    case .bool(let value): try container.encode(value)
    case .whole(let value): try container.encode(value)
    case .large(let value): try container.encode(value)
    case .number(let value): try container.encode(value)
    case .string(let value): try container.encode(value)
    case .list(let value): try container.encode(value)
    case .object(let value): try container.encode(value)
    }
  }

  /// These values with those of `other` in place of theirs, at every depth.
  func overlaid(by other: JSONValue, path: String, place: String?) throws(DataError) -> JSONValue {
    func wrong(_ reason: String, _ place: String?) -> DataError {
      DataError(.damaged, path: path, place: place, reason: reason)
    }
    switch (self, other) {
    case (.object(var members), .object(let others)):
      for (key, value) in others.sorted(by: { $0.key < $1.key }) {
        let inner = place.map { "\($0).\(key)" } ?? key
        guard let member = members[key] else {
          throw wrong("no such setting; there are: \(members.keys.sorted().joined(separator: ", "))", inner)
        }
        members[key] = try member.overlaid(by: value, path: path, place: inner)
      }
      return .object(members)
    case (.object, _): throw wrong("an object expected", place)
    case (.string, .string), (.bool, .bool): return other
    case (.string, _): throw wrong("a string expected", place)
    case (.bool, _): throw wrong("true or false expected", place)
    case (.number, .whole), (.number, .large), (.number, .number), (.whole, .whole), (.large, .large):
      return other
    case (.large, .whole(let value)) where value >= 0: return other
    case (.number, _): throw wrong("a number expected", place)
    case (.large, _): throw wrong("a whole number, 0 or more, expected", place)
    default: throw wrong("a whole number expected", place)
    }
  }
}
