import CKernels
import Tensors

/// A weight matrix in half precision for products with few rows, y = x Wᵀ: they are bound by reading the weights, and take
/// half the time. What was stored in half precision loses nothing. One thread; the same bits whatever the rows beside.
package final class HalfMatrix {
  /// Columns of y.
  package let outputs: Int
  /// Columns of x.
  package let inputs: Int
  private let packed: Buffer

  /// - Parameter weight: [outputs, inputs], each within the range of half precision.
  package init(_ weight: Tensor) {
    precondition(weight.shape.count == 2)
    (outputs, inputs) = (weight.shape[0], weight.shape[1])
    let block = Int(NARRATE_HALF_BLOCK)
    packed = Buffer(byteCount: (outputs + block - 1) / block * block * inputs * MemoryLayout<UInt16>.size)
    narrate_half_pack(
      weight.pointer, packed.address.assumingMemoryBound(to: UInt16.self), outputs, inputs)
  }

  /// - Parameters:
  ///   - input: [rows, inputs]
  ///   - output: [rows, outputs], overwritten
  package func multiply(
    _ input: UnsafePointer<Float>, rows: Int, into output: UnsafeMutablePointer<Float>
  ) {
    narrate_half_product(
      packed.address.assumingMemoryBound(to: UInt16.self), input, output, rows, outputs, inputs)
  }
}
