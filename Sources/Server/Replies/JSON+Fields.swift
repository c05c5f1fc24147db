import Files

/// Fields of what a client sent: absent and null are the same, another type than the one that is expected is a mistake.
extension JSON {
  func text(_ name: String) throws(Problem) -> String? {
    switch self[name] {
    case nil, .null?: nil
    case .string(let text)?: text
    default: throw .usage("\(name) is text")
    }
  }

  func flag(_ name: String) throws(Problem) -> Bool? {
    switch self[name] {
    case nil, .null?: nil
    case .boolean(let value)?: value
    default: throw .usage("\(name) is true or false")
    }
  }

  func list(_ name: String) throws(Problem) -> [JSON]? {
    switch self[name] {
    case nil, .null?: nil
    case .array(let values)?: values
    default: throw .usage("\(name) is a list")
    }
  }

  /// A list of objects.
  func objects(_ name: String) throws(Problem) -> [JSON]? {
    guard let values = try list(name) else { return nil }
    for value in values {
      guard case .object = value else { throw .usage("\(name) is a list of objects") }
    }
    return values
  }

  /// A list of texts.
  func texts(_ name: String) throws(Problem) -> [String]? {
    guard let values = try list(name) else { return nil }
    var texts: [String] = []
    for value in values {
      guard case .string(let text) = value else { throw .usage("\(name) is a list of texts") }
      texts.append(text)
    }
    return texts
  }

  func without(_ name: String) -> JSON {
    guard case .object(var fields) = self else { return self }
    fields.removeAll { $0.key == name }
    return .object(fields)
  }
}
