import Compute
import Files
import Tensors

/// A weights file, mapped into memory: an 8-byte little-endian header length, a JSON header that gives each tensor's
/// type, shape and position, and the bytes (safetensors, format of Hugging Face, version 0.x). Half and single precision,
/// bfloat16, and bytes; whole numbers are passed over.
/// Nobody may change it in place while it is used; whoever writes one here replaces it.
///
/// The metadata entry `checksum`, where there is one, is the xxHash64 of the tensors' bytes; it is verified when the file
/// is opened.
package final class SafetensorsFile: Sendable {
  /// Element types that are understood.
  package enum ElementType: String, Sendable, Codable {
    case half = "F16"
    case single = "F32"
    case bfloat16 = "BF16"
    case byte = "U8"
    /// Whole numbers of 64 bits, as other programs write beside their weights: nothing here reads them.
    case long = "I64"
    /// Bytes of an element.
    package var size: Int {
      switch self {
      case .half, .bfloat16: 2
      case .single: 4
      case .byte: 1
      case .long: 8
      }
    }
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
  private let file: MappedFile

  /// Opens and verifies a file.
  package init(path: String) throws(SafetensorsError) {
    self.path = path
    do throws(FileError) {
      file = try MappedFile(path)
    } catch {
      throw .unreadable(path: path, reason: FileError.reason(error.code))
    }
    let data = file.bytes
    func damaged(_ reason: String) -> SafetensorsError { .damaged(path: path, reason: reason) }
    let (header, start): (SafetensorsHeader, Int)
    do throws(SafetensorsHeader.Problem) {
      (header, start) = try SafetensorsHeader.read(data)
    } catch {
      switch error {
      case .short: throw damaged("\(data.count) bytes are no safetensors file")
      case .length(let length):
        throw damaged("the header claims \(length) bytes, the file holds \(data.count)")
      case .damaged: throw damaged("the header is not valid")
      }
    }
    metadata = header.metadata
    var entries: [String: Entry] = [:]
    var end = 0
    for (name, tensor) in header.tensors.sorted(by: {
      $0.value.offsets.lexicographicallyPrecedes($1.value.offsets)
    }) {
      guard let type = ElementType(rawValue: tensor.type) else {
        throw damaged("tensor \(name) is of type \(tensor.type); F16, BF16, F32 and U8 are understood")
      }
      guard let count = tensor.count, tensor.offsets.count == 2,
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
      let found = XXHash64.hexadecimal(UnsafeRawBufferPointer(rebasing: data[start...]))
      guard found == expected else { throw damaged("checksum \(found), expected \(expected)") }
    }
  }

  /// The hash of all tensors' bytes, whether or not the file has a checksum.
  package var contentDigest: String {
    let start = entries.values.map(\.range.lowerBound).min() ?? file.bytes.count
    return XXHash64.hexadecimal(UnsafeRawBufferPointer(rebasing: file.bytes[start...]))
  }

  /// A hash of the names and bytes of the tensors whose names begin so.
  package func digest(of prefix: String) -> String {
    let hashes = names.filter { $0.hasPrefix(prefix) }.map { name in
      let range = entries[name]?.range ?? 0..<0
      return name + " " + XXHash64.hexadecimal(UnsafeRawBufferPointer(rebasing: file.bytes[range]))
    }
    return Array(hashes.joined(separator: "\n").utf8).withUnsafeBytes { XXHash64.hexadecimal($0) }
  }

  /// Names of the tensors, sorted.
  package var names: [String] { entries.keys.sorted() }

  /// A tensor's axes, or nil if the file has none of this name.
  package func shape(of name: String) -> [Int]? { entries[name]?.shape }

  private func entry(
    _ name: String, shape: [Int]? = nil, ofBytes: Bool = false
  ) throws(SafetensorsError) -> Entry {
    guard let entry = entries[name] else { throw .damaged(path: path, reason: "tensor \(name) is missing") }
    guard (entry.type == .byte) == ofBytes, entry.type != .long else {
      throw .damaged(path: path, reason: "tensor \(name) is of type \(entry.type.rawValue)")
    }
    if let shape, entry.shape != shape {
      throw .damaged(path: path, reason: "tensor \(name) has shape \(entry.shape), expected \(shape)")
    }
    return entry
  }

  /// Reads a tensor, half precision widened.
  /// - Parameter shape: what it must be, if that is known
  package func tensor(_ name: String, shape: [Int]? = nil) throws(SafetensorsError) -> Tensor {
    let entry = try entry(name, shape: shape)
    var tensor = Tensor(shape: entry.shape)
    Self.read(entry, of: file, into: tensor.mutablePointer)
    return tensor
  }

  /// Reads a tensor into memory that there is already, half precision widened.
  /// - Parameter target: of as many floats as the shape has
  package func read(
    _ name: String, shape: [Int], into target: UnsafeMutablePointer<Float>
  ) throws(SafetensorsError) {
    Self.read(try entry(name, shape: shape), of: file, into: target)
  }

  /// A tensor of a known shape that is read when it is needed, half precision widened.
  package func lazy(_ name: String, shape: [Int]) throws(SafetensorsError) -> LazyTensor {
    let entry = try entry(name, shape: shape)
    let file = file
    return LazyTensor(shape: shape) { Self.read(entry, of: file, into: $0) }
  }

  private static func read(_ entry: Entry, of file: MappedFile, into target: UnsafeMutablePointer<Float>) {
    let count = entry.shape.reduce(1, *)
    guard count > 0, let base = file.bytes.baseAddress?.advanced(by: entry.range.lowerBound) else { return }
    switch entry.type {
    case .half where UInt(bitPattern: base) % 2 == 0:
      halfToFloat(base.assumingMemoryBound(to: UInt16.self), target, count)
    case .half:
      // The header may be of any length.
      withUnsafeTemporaryAllocation(of: UInt16.self, capacity: count) { halves in
        UnsafeMutableRawBufferPointer(halves).copyMemory(
          from: UnsafeRawBufferPointer(start: base, count: 2 * count))
        if let halves = halves.baseAddress { halfToFloat(halves, target, count) }
      }
    case .single: UnsafeMutableRawPointer(target).copyMemory(from: base, byteCount: entry.range.count)
    case .bfloat16:
      for index in 0..<count {
        let upper = base.loadUnaligned(fromByteOffset: 2 * index, as: UInt16.self)
        target[index] = Float(bitPattern: UInt32(upper) << 16)
      }
    case .byte, .long: preconditionFailure("bytes are no numbers")
    }
  }

  /// Whether there is a tensor of bytes of that name.
  package func isOfBytes(_ name: String) -> Bool { entries[name]?.type == .byte }

  /// The bytes of a tensor of bytes.
  package func bytes(_ name: String) throws(SafetensorsError) -> [UInt8] {
    Array(file.bytes[try entry(name, ofBytes: true).range])
  }

  /// Gives back the memory of a tensor that was read, as far as nothing else lies beside it.
  package func release(_ name: String) {
    if let entry = entries[name] { file.release(entry.range) }
  }

  /// A matrix in half precision: where it stands so in the file, nothing is copied; else it is rounded.
  /// - Parameter shape: [outputs, inputs]
  package func matrix(_ name: String, shape: [Int]) throws(SafetensorsError) -> HalfMatrix {
    precondition(shape.count == 2)
    let entry = try entry(name, shape: shape)
    let base = file.bytes.baseAddress?.advanced(by: entry.range.lowerBound)
    guard entry.type == .half, let base, UInt(bitPattern: base) % 2 == 0 else {
      return HalfMatrix(try tensor(name))
    }
    return HalfMatrix(
      base.assumingMemoryBound(to: UInt16.self), outputs: shape[0], inputs: shape[1], owner: file)
  }
}
