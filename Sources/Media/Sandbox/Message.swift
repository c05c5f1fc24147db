/// One message between this process and a confined one: numbers, texts and optionals, one after the other. Both run the same
/// program; but what a confined process says may be anything, as a file may.
struct Message {
  /// Longest message, in bytes.
  static let limit = 8192
  /// Longest text in it, in bytes of UTF-8.
  private static let textLimit = 2000

  private(set) var bytes: [UInt8] = []

  mutating func append(_ value: Int) {
    withUnsafeBytes(of: Int64(value).littleEndian) { bytes.append(contentsOf: $0) }
  }

  mutating func append(_ value: Double) { append(Int(Int64(bitPattern: value.bitPattern))) }

  mutating func append(_ value: Bool) { append(value ? 1 : 0) }

  mutating func append(_ value: Int?) {
    append(value != nil)
    append(value ?? 0)
  }

  mutating func append(_ value: Double?) {
    append(value != nil)
    append(value ?? 0)
  }

  mutating func append(_ text: String) {
    let units = Array(text.utf8.prefix(Self.textLimit))
    append(units.count)
    bytes.append(contentsOf: units)
  }
}

/// A message that cannot be what the same program would say.
struct Gibberish: Error {}

/// Reads what `Message` wrote.
struct MessageReader {
  private var rest: ArraySlice<UInt8>

  init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

  mutating func integer() throws(Gibberish) -> Int {
    guard rest.count >= 8 else { throw Gibberish() }
    let value = rest.prefix(8).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    rest.removeFirst(8)
    return Int(Int64(bitPattern: value))
  }

  /// - Returns: a number of whatever size, perhaps none (NaN)
  mutating func double() throws(Gibberish) -> Double {
    Double(bitPattern: UInt64(bitPattern: Int64(try integer())))
  }

  /// - Returns: a time in seconds within what times may be
  mutating func seconds() throws(Gibberish) -> Double {
    guard let time = MediaTime.checked(try double()) else { throw Gibberish() }
    return time
  }

  mutating func bool() throws(Gibberish) -> Bool { try integer() != 0 }

  mutating func integerOrNone() throws(Gibberish) -> Int? {
    let isThere = try bool()
    let value = try integer()
    return isThere ? value : nil
  }

  mutating func secondsOrNone() throws(Gibberish) -> Double? {
    let isThere = try bool()
    let value = try seconds()
    return isThere ? value : nil
  }

  /// - Returns: what is no UTF-8 replaced
  mutating func text() throws(Gibberish) -> String {
    let count = try integer()
    guard count >= 0, count <= rest.count else { throw Gibberish() }
    defer { rest.removeFirst(count) }
    return String(decoding: rest.prefix(count), as: UTF8.self)
  }
}
