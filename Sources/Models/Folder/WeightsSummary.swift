import Files
import Foundation

/// The size of a safetensors file, from its header alone (https://github.com/huggingface/safetensors): eight
/// bytes of header length, little-endian; the header as JSON, a shape and two offsets a tensor; the numbers.
struct WeightsSummary {
  /// Numbers in all tensors.
  let parameters: Int
  /// Size of the file.
  let bytes: Int

  /// The safetensors library's own limit.
  private static let longestHeader = 100_000_000

  init(contentsOf path: String) throws {
    guard let file = FileHandle(forReadingAtPath: path) else { throw CardProblem("cannot be read") }
    defer { try? file.close() }
    bytes = Int(try file.seekToEnd())
    try file.seek(toOffset: 0)
    let prefix = try file.read(upToCount: 8) ?? Data()
    let length = prefix.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    guard prefix.count == 8, length <= Self.longestHeader, length <= bytes - 8 else {
      throw CardProblem("is cut short or is not a safetensors file")
    }
    guard let data = try file.read(upToCount: Int(length)),
      let header = try? JSONDecoder().decode(JSON.self, from: data), case .object(let fields) = header
    else { throw CardProblem("has a damaged header") }

    var parameters = 0
    var end = 0
    for (name, tensor) in fields where name != "__metadata__" {
      guard let shape = tensor["shape"]?.sizes, let offsets = tensor["data_offsets"]?.sizes,
        offsets.count == 2
      else {
        throw CardProblem("has a damaged header (\(name))")
      }
      var count = 1
      for size in shape {
        let product = count.multipliedReportingOverflow(by: size)
        guard !product.overflow else { throw CardProblem("has a damaged header (\(name))") }
        count = product.partialValue
      }
      // A tensor has at least half a byte a number, so that the sum cannot overflow for a file that fits.
      guard count <= 2 * bytes else { throw CardProblem("is cut short (\(name))") }
      parameters += count
      end = max(end, offsets[1])
    }
    guard end == bytes - 8 - Int(length) else { throw CardProblem("is cut short or has bytes too many") }
    self.parameters = parameters
  }
}

extension JSON {
  /// An array of whole numbers, none negative.
  fileprivate var sizes: [Int]? {
    guard case .array(let values) = self else { return nil }
    var sizes: [Int] = []
    for value in values {
      guard case .integer(let size) = value, size >= 0 else { return nil }
      sizes.append(size)
    }
    return sizes
  }
}
