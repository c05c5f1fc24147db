import CKernels
import Tensors

/// A weight matrix in half precision for products with few rows, y = x Wᵀ + b: they are bound by reading the weights, and
/// take half the time. What was stored in half precision loses nothing. The same bits whatever the rows beside and however
/// many threads.
///
/// `@unchecked Sendable`: nobody writes to the weights.
package struct HalfMatrix: @unchecked Sendable {
  /// Columns of y.
  package let outputs: Int
  /// Columns of x.
  package let inputs: Int
  private let weights: UnsafePointer<UInt16>
  private let owner: AnyObject

  /// Products and sums for which a second thread is worth waking.
  private static let worthAThread = 100_000

  /// Weights that stand somewhere already: [outputs, inputs], binary16.
  /// - Parameter owner: keeps them in place as long as it lives.
  package init(_ weights: UnsafePointer<UInt16>, outputs: Int, inputs: Int, owner: AnyObject) {
    (self.weights, self.outputs, self.inputs, self.owner) = (weights, outputs, inputs, owner)
  }

  /// Rounds weights.
  /// - Parameter weight: [outputs, inputs], each within the range of half precision.
  package init(_ weight: Tensor) {
    precondition(weight.shape.count == 2)
    let buffer = Buffer(byteCount: weight.count * MemoryLayout<UInt16>.size)
    let halves = buffer.address.bindMemory(to: UInt16.self, capacity: weight.count)
    floatToHalf(weight.pointer, halves, weight.count)
    self.init(UnsafePointer(halves), outputs: weight.shape[0], inputs: weight.shape[1], owner: buffer)
  }

  /// Runs on the calling thread's team.
  /// - Parameters:
  ///   - x: [rows, inputs]
  ///   - bias: [outputs]
  ///   - y: [rows, outputs], overwritten
  ///   - adding: whether to add to `y` instead; takes no bias
  package func multiply(
    _ x: Rows, bias: Tensor? = nil, into y: MutableRows, adding: Bool = false
  ) {
    precondition(!adding || bias == nil)
    precondition(x.rows == y.rows && x.columns == inputs && y.columns == outputs)
    precondition(x.isDense && y.isDense && bias?.count ?? outputs == outputs)
    let rows = x.rows
    let threads = max(1, min(ThreadTeam.current.count, rows * outputs * inputs / Self.worthAThread))
    // Each thread writes its own columns.
    nonisolated(unsafe) let (input, bias, output) = (x.base, bias?.pointer, y.base)
    share(among: threads) { thread, count in
      var matrix = narrate_half_matrix(
        weights: weights, bias: bias, adds: adding ? 1 : 0, outputs: outputs, inputs: inputs)
      narrate_half_product(
        &matrix, input, output, rows, outputs * thread / count, outputs * (thread + 1) / count)
    }
    withExtendedLifetime(owner) {}
  }

  /// The product with one vector.
  /// - Parameter x: [inputs]
  /// - Returns: [outputs]
  package func multiply(_ x: [Float]) -> [Float] {
    [Float](unsafeUninitializedCapacity: outputs) { buffer, count in
      guard let y = buffer.baseAddress else { return }
      x.withUnsafeBufferPointer {
        guard let x = $0.baseAddress else { return }
        multiply(Rows(x, rows: 1, columns: $0.count), into: MutableRows(y, rows: 1, columns: outputs))
      }
      count = outputs
    }
  }

  /// One output's weights.
  /// - Parameter row: [inputs], overwritten
  package func copyRow(_ output: Int, into row: UnsafeMutablePointer<Float>) {
    precondition(output >= 0 && output < outputs)
    halfToFloat(weights + output * inputs, row, inputs)
    withExtendedLifetime(owner) {}
  }
}
