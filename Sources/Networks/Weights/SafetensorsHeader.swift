import Files
import Foundation

/// The JSON header of a safetensors file (https://github.com/huggingface/safetensors, version 0.x): eight bytes of its length,
/// little-endian, the header itself, which gives each tensor's type, shape and position, and the tensors' bytes.
package struct SafetensorsHeader: Codable {
  package struct Entry: Codable {
    package let type: String
    package let shape: [Int]
    /// First byte and the byte after the last, counted from the end of the header.
    package let offsets: [Int]

    enum CodingKeys: String, CodingKey {
      case type = "dtype"
      case shape
      case offsets = "data_offsets"
    }
  }
  struct Key: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
    static let metadata = Key(stringValue: "__metadata__")
  }

  /// Why a file's beginning is no header.
  package enum Problem: Error, Equatable {
    /// Fewer bytes than its length takes.
    case short
    /// - Parameter length: what it is said to be: too little for JSON, or more than the file holds or the format allows
    case length(UInt64)
    /// - Parameter tensor: the first by name that is not as it should be; nil where the header as a whole is not
    case damaged(tensor: String?)
  }

  package var metadata: [String: String]
  package var tensors: [String: Entry]

  /// Bytes, of a network of 100,000 tensors. (The safetensors library takes six times as much, of which a reader makes a gigabyte.)
  private static let longest = 16_777_216

  /// Reads the header of a file.
  /// - Parameter file: the whole file
  /// - Returns: it, and where the tensors' bytes begin
  package static func read(_ file: UnsafeRawBufferPointer) throws(Problem) -> (SafetensorsHeader, start: Int)
  {
    guard file.count >= 8 else { throw .short }
    let length = UInt64(littleEndian: file.loadUnaligned(as: UInt64.self))
    guard length >= 2, length <= UInt64(file.count - 8), length <= longest else { throw .length(length) }
    let start = 8 + Int(length)
    do {
      return (try JSONDecoder().decode(SafetensorsHeader.self, from: Data(file[8..<start])), start)
    } catch DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context),
      DecodingError.keyNotFound(_, let context), DecodingError.dataCorrupted(let context)
    {
      throw .damaged(tensor: context.codingPath.first?.stringValue)
    } catch {
      throw .damaged(tensor: nil)
    }
  }

  init(metadata: [String: String], tensors: [String: Entry]) {
    (self.metadata, self.tensors) = (metadata, tensors)
  }

  /// The beginning of a file. It is padded with spaces, so that the tensors start at a multiple of 8 bytes.
  func file() throws -> Data {
    var text = try JSON.encoded(self, .line)
    text.append(contentsOf: [UInt8](repeating: UInt8(ascii: " "), count: (8 - text.count % 8) % 8))
    return withUnsafeBytes(of: UInt64(text.count).littleEndian) { Data($0) } + text
  }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    metadata = try container.decodeIfPresent([String: String].self, forKey: .metadata) ?? [:]
    tensors = [:]
    let keys = container.allKeys.sorted { $0.stringValue < $1.stringValue }
    for key in keys where key.stringValue != Key.metadata.stringValue {
      tensors[key.stringValue] = try container.decode(Entry.self, forKey: key)
    }
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(metadata, forKey: .metadata)
    for (name, entry) in tensors { try container.encode(entry, forKey: Key(stringValue: name)) }
  }
}

extension SafetensorsHeader.Entry {
  /// Elements; nil if an axis is negative or the product overflows.
  package var count: Int? {
    var product = 1
    for axis in shape {
      let (value, overflow) = product.multipliedReportingOverflow(by: axis)
      if overflow || axis < 0 { return nil }
      product = value
    }
    return product
  }
}
