import Foundation

extension DecodingError {
  /// Where in the JSON: `images[3].split`; nil for the whole.
  package var location: String? {
    let path: [any CodingKey] =
      switch self {
      case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context):
        context.codingPath
      case .keyNotFound(_, let context): context.codingPath
      @unknown default: []
      }
    var text = ""
    for key in path {
      if let index = key.intValue {
        text += "[\(index)]"
      } else {
        text += (text.isEmpty ? "" : ".") + key.stringValue
      }
    }
    return text.isEmpty ? nil : text
  }

  /// What is wrong there, on one line.
  package var reason: String {
    switch self {
    case .keyNotFound(let key, _): "\(key.stringValue) is missing"
    case .typeMismatch(let type, _), .valueNotFound(let type, _): "\(Self.name(of: type)) expected"
    case .dataCorrupted(let context):
      // Foundation says of 1.5 where a whole number belongs no more than of broken syntax: not even the
      // location.
      context.codingPath.isEmpty ? "not JSON, or a number does not fit its field" : context.debugDescription
    @unknown default: "cannot be decoded"
    }
  }

  private static func name(of type: Any.Type) -> String {
    switch type {
    case is String.Type: "a string"
    case is Bool.Type: "true or false"
    case is any BinaryInteger.Type: "a whole number"
    case is any BinaryFloatingPoint.Type: "a number"
    case is [Any].Type: "a list"
    default: "an object"
    }
  }
}
