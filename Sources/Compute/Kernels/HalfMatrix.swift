import CKernels
import Tensors

/// A weight matrix in half precision, y = x Wᵀ + b. Products with few rows are bound by reading the weights, and take half the
/// time; for those with many, some outputs' weights at a time become floats that stay in the cache. What was stored in half
/// precision loses nothing. The same bits whatever the rows beside, as long as they are few or many, and however many threads.
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

  /// From so many rows on, they are multiplied as floats.
  private static let manyRows = 160
  /// Floats that become of weights at once, for a number of outputs that oneDNN's products like.
  private static let floatsAtOnce = 73_728
  private static let outputsAtOnce = 32

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
    if rows >= Self.manyRows { return multiplyMany(x, bias, y, adding) }
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

  private func multiplyMany(_ x: Rows, _ bias: Tensor?, _ y: MutableRows, _ adding: Bool) {
    let most = max(1, Self.floatsAtOnce / inputs / Self.outputsAtOnce)
    let atOnce = most * Self.outputsAtOnce
    nonisolated(unsafe) let (x, y, bias) = (x, y, bias?.pointer)
    share(parts: (outputs + atOnce - 1) / atOnce) { part in
      let range = part * atOnce..<min(outputs, (part + 1) * atOnce)
      let part = y.columns(range)
      if !adding {
        for row in 0..<part.rows {
          if let bias {
            part[row].update(from: bias + range.lowerBound, count: range.count)
          } else {
            part[row].update(repeating: 0, count: range.count)
          }
        }
      }
      withUnsafeTemporaryAllocation(byteCount: 4 * range.count * inputs, alignment: 64) { buffer in
        let floats = buffer.bindMemory(to: Float.self)
        guard let floats = floats.baseAddress else { return }
        halfToFloat(weights + range.lowerBound * inputs, floats, range.count * inputs)
        Compute.multiply(
          x, Rows(floats, rows: range.count, columns: inputs), into: part, transposeB: true, adding: true)
      }
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
