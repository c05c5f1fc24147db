import Datasets

/// JSON as it stands, numbers with the kind they are of, to compare what a file says with what may be said.
package enum SettingValue: Codable, Sendable {
  case null
  case bool(Bool)
  case whole(Int64)
  /// Whole numbers above `Int64.max`: seeds.
  case large(UInt64)
  case number(Double)
  case string(String)
  case list([SettingValue])
  case object([String: SettingValue])

  package init(from decoder: any Decoder) throws {
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
    } else if let list = try? value.decode([SettingValue].self) {
      self = .list(list)
    } else {
      self = .object(try value.decode([String: SettingValue].self))
    }
  }

  package func encode(to encoder: any Encoder) throws {
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

  /// The member at a path of names, of an object; setting one makes the objects on the way.
  subscript(path: some Collection<Substring>) -> SettingValue? {
    get {
      guard let key = path.first else { return self }
      guard case .object(let members) = self else { return nil }
      return members[String(key)]?[path.dropFirst()]
    }
    set {
      guard let key = path.first, let newValue else { return }
      var members: [String: SettingValue] = [:]
      if case .object(let present) = self { members = present }
      if path.count == 1 {
        members[String(key)] = newValue
      } else {
        var member = members[String(key)] ?? .object([:])
        member[path.dropFirst()] = newValue
        members[String(key)] = member
      }
      self = .object(members)
    }
  }

  /// These values with those of `other` in place of theirs, at every depth.
  /// - Parameters:
  ///   - path: the file that `other` is from
  ///   - name: of what is looked at, nil for the whole
  /// - Throws: `DataError` naming what is of another kind, or not there.
  func overlaid(by other: SettingValue, path: String, name: String? = nil) throws(DataError) -> SettingValue {
    func wrong(_ reason: String, _ name: String?) -> DataError {
      DataError(.damaged, path: path, place: name, reason: reason)
    }
    switch (self, other) {
    case (.object(var members), .object(let others)):
      for (key, value) in others.sorted(by: { $0.key < $1.key }) {
        let inner = name.map { "\($0).\(key)" } ?? key
        guard let member = members[key] else {
          throw wrong("no such setting; there are: \(members.keys.sorted().joined(separator: ", "))", inner)
        }
        members[key] = try member.overlaid(by: value, path: path, name: inner)
      }
      return .object(members)
    case (.object, _): throw wrong("an object expected", name)
    case (.string, .string), (.bool, .bool): return other
    case (.string, _): throw wrong("a string expected", name)
    case (.bool, _): throw wrong("true or false expected", name)
    case (.number, .whole), (.number, .large), (.number, .number), (.whole, .whole), (.large, .large):
      return other
    case (.large, .whole(let value)) where value >= 0: return other
    case (.number, _): throw wrong("a number expected", name)
    case (.large, _): throw wrong("a whole number, 0 or more, expected", name)
    default: throw wrong("a whole number expected", name)
    }
  }
}
