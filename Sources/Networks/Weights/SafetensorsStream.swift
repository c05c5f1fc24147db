import Compute
import Files
import Foundation
import Tensors

/// Writes a safetensors file with a checksum, one tensor after the other, none of which is kept: for files larger than one wants
/// in memory. Their names, types and shapes are known before.
package struct SafetensorsStream {
  /// What stands in the file.
  package struct Entry {
    package let name: String
    package let shape: [Int]
    /// Whether it stands in half precision, which must hold its values; else in single.
    package let isHalf: Bool

    package init(_ name: String, _ shape: [Int], isHalf: Bool) {
      (self.name, self.shape, self.isHalf) = (name, shape, isHalf)
    }

    package var count: Int { shape.reduce(1, *) }
  }

  private let file: WholeFile
  private let entries: [Entry]
  private var header: SafetensorsHeader
  private var hash = XXHash64()
  private var written = 0
  private static let noChecksum = String(repeating: "0", count: 16)

  /// Begins a file.
  /// - Parameter entries: in the order in which they come; no name twice
  package init(
    _ file: WholeFile, _ entries: [Entry], metadata: [String: String]
  ) throws {
    (self.file, self.entries) = (file, entries)
    header = SafetensorsHeader(metadata: metadata, tensors: [:])
    header.metadata["checksum"] = Self.noChecksum
    var end = 0
    for entry in entries {
      precondition(header.tensors[entry.name] == nil, "tensor \(entry.name) twice")
      let type: SafetensorsFile.ElementType = entry.isHalf ? .half : .single
      let start = end
      end += entry.count * type.size
      header.tensors[entry.name] = SafetensorsHeader.Entry(
        type: type.rawValue, shape: entry.shape, offsets: [start, end])
    }
    try file.write(Array(header.file()))
  }

  /// Writes the next tensor's values.
  /// - Throws: `FileError`; `HalfPrecisionError` for values that half precision does not hold.
  package mutating func add(_ values: UnsafePointer<Float>) throws {
    let entry = entries[written]
    written += 1
    guard entry.isHalf else {
      return try add(UnsafeRawBufferPointer(start: values, count: 4 * entry.count))
    }
    var halves = [UInt16](repeating: 0, count: entry.count)
    floatToHalf(values, &halves, entry.count)
    if halves.contains(where: { $0 & 0x7C00 == 0x7C00 }) { throw HalfPrecisionError(tensor: entry.name) }
    try halves.withUnsafeBytes { try add($0) }
  }

  private mutating func add(_ bytes: UnsafeRawBufferPointer) throws {
    hash.add(bytes)
    try file.write(bytes)
  }

  /// Ends the file, which its owner commits.
  package mutating func finish() throws {
    precondition(written == entries.count)
    header.metadata["checksum"] = hash.hexadecimal
    try header.file().withUnsafeBytes { try file.write($0, at: 0) }
  }
}
