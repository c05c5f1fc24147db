import Datasets
import Files

/// Settings as JSON, to compare what a file says with what may be said.
extension JSON {
  /// The member at a path of names, of an object; setting one makes the objects on the way.
  subscript(path: some Collection<Substring>) -> JSON? {
    get {
      guard let key = path.first else { return self }
      return self[String(key)]?[path.dropFirst()]
    }
    set {
      guard let key = path.first.map(String.init), let newValue else { return }
      var fields: [(key: String, value: JSON)] = []
      if case .object(let present) = self { fields = present }
      var member = newValue
      if path.count > 1 {
        member = self[key] ?? .object([])
        member[path.dropFirst()] = newValue
      }
      if let index = fields.firstIndex(where: { $0.key == key }) {
        fields[index].value = member
      } else {
        fields.append((key, member))
      }
      self = .object(fields)
    }
  }

  /// These values with those of `other` in place of theirs, at every depth.
  /// - Parameters:
  ///   - path: of the file that the others are from, for messages
  ///   - location: where in the file they stand, for messages
  func overlaid(by other: JSON, path: String, location: String? = nil) throws(DataError) -> JSON {
    func wrong(_ reason: String, _ location: String?) -> DataError {
      DataError(.damaged, path: path, location: location, reason: reason)
    }
    switch (self, other) {
    case (.object(var members), .object(let others)):
      for (key, value) in others {
        let inner = location.map { "\($0).\(key)" } ?? key
        guard let index = members.firstIndex(where: { $0.key == key }) else {
          let names = members.map(\.key).sorted().joined(separator: ", ")
          throw wrong("no such setting; there are: \(names)", inner)
        }
        members[index].value = try members[index].value.overlaid(by: value, path: path, location: inner)
      }
      return .object(members)
    case (.object, _): throw wrong("an object expected", location)
    case (.string, .string), (.boolean, .boolean): return other
    case (.string, _): throw wrong("a string expected", location)
    case (.boolean, _): throw wrong("true or false expected", location)
    case (.number, .integer), (.number, .unsigned), (.number, .number), (.integer, .integer),
      (.unsigned, .unsigned):
      return other
    case (.unsigned, .integer(let value)) where value >= 0: return other
    case (.number, _): throw wrong("a number expected", location)
    case (.unsigned, _): throw wrong("a whole number, 0 or more, expected", location)
    default: throw wrong("a whole number expected", location)
    }
  }
}
