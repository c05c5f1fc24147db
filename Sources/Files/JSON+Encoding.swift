import Foundation

extension JSON {
  /// How a value's JSON is laid out.
  package enum Layout: Sendable {
    /// On one line, without a line end.
    case line
    /// For people: a field a line, indented, with a line end.
    case indented
  }

  /// A value as this program writes all of its files: fields sorted by name, slashes as they are.
  /// - Parameter namesNonFinite: whether numbers that are infinite or none become the strings `Infinity`, `-Infinity` and `NaN`
  /// - Throws: `EncodingError` for a number that is not finite, unless it is named.
  package static func encoded(
    _ value: some Encodable, _ layout: Layout, namesNonFinite: Bool = false
  ) throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    if layout == .indented { encoder.outputFormatting.insert(.prettyPrinted) }
    if namesNonFinite {
      encoder.nonConformingFloatEncodingStrategy = .convertToString(
        positiveInfinity: "Infinity", negativeInfinity: "-Infinity", nan: "NaN")
    }
    return try encoder.encode(value) + (layout == .indented ? Data("\n".utf8) : Data())
  }
}
