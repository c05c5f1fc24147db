import Compute
import Files
import Foundation
import Tensors

/// Collects tensors and writes them as one safetensors file with a checksum.
package struct SafetensorsWriter {
  private var header: SafetensorsHeader
  private var bytes = Data()
  /// The first tensor that half precision does not hold.
  private var unheld: String?

  package init(metadata: [String: String] = [:]) {
    header = SafetensorsHeader(metadata: metadata, tensors: [:])
  }

  /// Appends a tensor; `half` rounds it to half precision, which must hold its values: see `encoded`.
  package mutating func add(_ name: String, _ tensor: Tensor, half: Bool) {
    precondition(header.tensors[name] == nil, "tensor \(name) twice")
    let type: SafetensorsFile.ElementType = half ? .half : .single
    let start = bytes.count
    if half {
      var words = [UInt16](repeating: 0, count: tensor.count)
      floatToHalf(tensor.pointer, &words, tensor.count)
      // All ones in the exponent are no number, or an infinite one.
      if unheld == nil, words.contains(where: { $0 & 0x7C00 == 0x7C00 }) { unheld = name }
      words.withUnsafeBytes { bytes.append(contentsOf: $0) }
    } else {
      bytes.append(contentsOf: UnsafeRawBufferPointer(start: tensor.pointer, count: tensor.count * 4))
    }
    withExtendedLifetime(tensor) {}
    header.tensors[name] = SafetensorsHeader.Entry(
      type: type.rawValue, shape: tensor.shape, offsets: [start, bytes.count])
  }

  /// Appends a tensor of bytes.
  package mutating func add(_ name: String, bytes added: [UInt8]) {
    precondition(header.tensors[name] == nil, "tensor \(name) twice")
    let start = bytes.count
    bytes.append(contentsOf: added)
    header.tensors[name] = SafetensorsHeader.Entry(
      type: SafetensorsFile.ElementType.byte.rawValue, shape: [added.count], offsets: [start, bytes.count])
  }

  /// Appends another file's tensor, numbers in half precision.
  package mutating func add(_ name: String, from file: SafetensorsFile) throws(SafetensorsError) {
    if file.isOfBytes(name) {
      add(name, bytes: try file.bytes(name))
    } else {
      add(name, try file.tensor(name), half: true)
    }
  }

  /// Appends every tensor of a network, names preceded by `prefix` and a full stop.
  package mutating func add<Network: Learned>(_ prefix: String, _ network: Network, half: Bool) {
    for parameter in network.parameters where network[keyPath: parameter.path].count > 0 {
      add("\(prefix).\(parameter.name)", network[keyPath: parameter.path], half: half)
    }
  }

  /// The whole file.
  /// - Throws: `HalfPrecisionError`.
  package func encoded() throws -> Data {
    if let unheld { throw HalfPrecisionError(tensor: unheld) }
    var header = header
    header.metadata["checksum"] = bytes.withUnsafeBytes { XXHash64.hexadecimal($0) }
    return try header.file() + bytes
  }

  /// Writes the file whole or not at all.
  /// - Throws: `FileError` when the disk is full or the folder is not there; `HalfPrecisionError`.
  package func write(to path: String) throws {
    try WholeFile.write(encoded(), to: path)
  }
}

/// Weights have gone astray: some are no numbers, or too large for half precision.
package struct HalfPrecisionError: Error, CustomStringConvertible, Equatable {
  package let tensor: String

  package var description: String {
    "\(tensor) has values that are no numbers, or too large for half precision; the file was not written: train anew, with a "
      + "lower learning rate if that happens again"
  }
}

extension Learned {
  /// Replaces every tensor by that of the same name and shape.
  package mutating func load(_ prefix: String, from file: SafetensorsFile) throws(SafetensorsError) {
    for parameter in parameters where self[keyPath: parameter.path].count > 0 {
      self[keyPath: parameter.path] = try file.tensor(
        "\(prefix).\(parameter.name)", shape: self[keyPath: parameter.path].shape)
    }
  }
}
