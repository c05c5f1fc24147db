import Compute
import Foundation
import Tensors

/// A weights file, mapped into memory: an 8-byte little-endian header length, a JSON header that gives each tensor's
/// type, shape and place, and the bytes (safetensors, format of Hugging Face, version 0.x). Half and single precision.
///
/// The metadata entry `checksum`, where there is one, is the xxHash64 of the tensors' bytes; it is verified when the file
/// is opened.
package final class SafetensorsFile: Sendable {
  /// Element types that are understood.
  package enum ElementType: String, Sendable, Codable {
    case half = "F16"
    case single = "F32"
    /// Bytes of an element.
    package var size: Int { self == .half ? 2 : 4 }
  }
  private struct Entry: Sendable {
    let type: ElementType
    let shape: [Int]
    let range: Range<Int>
  }

  package let path: String
  /// The header's `__metadata__`.
  package let metadata: [String: String]
  private let entries: [String: Entry]
  private let data: Data

  /// Opens and verifies a file.
  package init(path: String) throws(SafetensorsError) {
    self.path = path
    do {
      data = try Data(contentsOf: URL(fileURLWithPath: path), options: .alwaysMapped)
    } catch {
      let exists = FileManager.default.fileExists(atPath: path)
      throw .unreadable(path: path, reason: exists ? error.localizedDescription : "no such file")
    }
    func damaged(_ reason: String) -> SafetensorsError { .damaged(path: path, reason: reason) }
    guard data.count >= 8 else { throw damaged("\(data.count) bytes are no safetensors file") }
    let length = data.withUnsafeBytes { UInt64(littleEndian: $0.loadUnaligned(as: UInt64.self)) }
    guard length >= 2, length <= UInt64(data.count - 8), length <= 100_000_000 else {
      throw damaged("the header claims \(length) bytes, the file holds \(data.count)")
    }
    let start = 8 + Int(length)
    guard let header = try? JSONDecoder().decode(SafetensorsHeader.self, from: data[8..<start]) else {
      throw damaged("the header is not valid")
    }
    metadata = header.metadata
    var entries: [String: Entry] = [:]
    var end = 0
    for (name, tensor) in header.tensors.sorted(by: {
      $0.value.offsets.lexicographicallyPrecedes($1.value.offsets)
    }) {
      guard let type = ElementType(rawValue: tensor.type) else {
        throw damaged("tensor \(name) is of type \(tensor.type); F16 and F32 are understood")
      }
      guard let count = tensor.shape.productWithoutOverflow, tensor.offsets.count == 2,
        tensor.offsets[0] == end,
        count <= data.count, tensor.offsets[1] == end + count * type.size
      else { throw damaged("tensor \(name) does not fit its place") }
      end = tensor.offsets[1]
      guard end <= data.count - start else {
        throw damaged("tensor \(name) ends at byte \(end), the file holds \(data.count - start)")
      }
      entries[name] = Entry(type: type, shape: tensor.shape, range: start + tensor.offsets[0]..<start + end)
    }
    guard end == data.count - start else { throw damaged("\(data.count - start - end) bytes too many") }
    self.entries = entries
    if let expected = metadata["checksum"] {
      let found = data.withUnsafeBytes {
        XXHash64.hexadecimal(UnsafeRawBufferPointer(rebasing: $0[start...]))
      }
      guard found == expected else { throw damaged("checksum \(found), expected \(expected)") }
    }
  }

  /// The hash of all tensors' bytes, whether or not the file has a checksum.
  package var contentDigest: String {
    let start = entries.values.map(\.range.lowerBound).min() ?? data.count
    return data.withUnsafeBytes { XXHash64.hexadecimal(UnsafeRawBufferPointer(rebasing: $0[start...])) }
  }

  /// Names of the tensors, sorted.
  package var names: [String] { entries.keys.sorted() }

  /// A tensor's axes, or nil if the file has none of this name.
  package func shape(of name: String) -> [Int]? { entries[name]?.shape }

  /// Reads a tensor, half precision widened.
  package func tensor(_ name: String) throws(SafetensorsError) -> Tensor {
    guard let entry = entries[name] else { throw .damaged(path: path, reason: "tensor \(name) is missing") }
    var tensor = Tensor(shape: entry.shape)
    let (target, count) = (tensor.mutablePointer, tensor.count)
    data.withUnsafeBytes { bytes in
      guard count > 0, let base = bytes.baseAddress?.advanced(by: entry.range.lowerBound) else { return }
      switch entry.type {
      case .half: halfToFloat(base.assumingMemoryBound(to: UInt16.self), target, count)
      case .single: UnsafeMutableRawPointer(target).copyMemory(from: base, byteCount: entry.range.count)
      }
    }
    return tensor
  }

  /// Reads a tensor whose shape is known.
  package func tensor(_ name: String, shape: [Int]) throws(SafetensorsError) -> Tensor {
    if let found = self.shape(of: name), found != shape {
      throw .damaged(path: path, reason: "tensor \(name) has shape \(found), expected \(shape)")
    }
    return try tensor(name)
  }
}

extension [Int] {
  /// The number of elements of a shape, or nil if an axis is negative or the product overflows.
  fileprivate var productWithoutOverflow: Int? {
    var product = 1
    for axis in self {
      let (value, overflow) = product.multipliedReportingOverflow(by: axis)
      if overflow || axis < 0 { return nil }
      product = value
    }
    return product
  }
}
