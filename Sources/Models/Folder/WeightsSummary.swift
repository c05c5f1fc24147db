import Files
import Networks

/// The size of a safetensors file, from its header alone.
struct WeightsSummary {
  /// Numbers in all tensors, of whatever type.
  let parameters: Int
  /// Size of the file.
  let bytes: Int

  init(contentsOf path: String) throws(CardProblem) {
    let file: MappedFile
    do {
      file = try MappedFile(path, readsAhead: false)
    } catch { throw CardProblem("cannot be read") }
    bytes = file.bytes.count
    let (header, start): (SafetensorsHeader, Int)
    do {
      (header, start) = try SafetensorsHeader.read(file.bytes)
    } catch {
      switch error {
      case .length(let length) where length < 2: throw Self.damaged(nil)
      case .short, .length: throw CardProblem("is cut short or is not a safetensors file")
      case .damaged(let tensor): throw Self.damaged(tensor)
      }
    }
    var parameters = 0
    var end = 0
    for (name, tensor) in header.tensors.sorted(by: { $0.key < $1.key }) {
      guard let count = tensor.count, tensor.offsets.count == 2, tensor.offsets.allSatisfy({ $0 >= 0 }) else {
        throw Self.damaged(name)
      }
      // A tensor has at least half a byte a number, so that the sum cannot overflow for a file that fits.
      guard count <= 2 * bytes else { throw CardProblem("is cut short (\(name))") }
      parameters += count
      end = max(end, tensor.offsets[1])
    }
    guard end == bytes - start else { throw CardProblem("is cut short or has bytes too many") }
    self.parameters = parameters
  }

  private static func damaged(_ tensor: String?) -> CardProblem {
    CardProblem("has a damaged header" + (tensor.map { " (\($0))" } ?? ""))
  }
}
