import CKernels
import Tensors

/// A weight matrix in whole numbers of eight bits, y = x Wᵀ + b, for few rows, whose products are bound by reading the weights: half
/// as many bytes as `HalfMatrix`, and four products in one instruction. Each output has a step of its own, each row of x a step
/// and a zero, found as it comes (Dettmers et al. 2022, "LLM.int8()", section 2). Sums are whole numbers: the same bits whatever the rows
/// beside, on any CPU and however many threads.
///
/// `@unchecked Sendable`: nobody writes to the weights.
package struct ByteMatrix: @unchecked Sendable {
  /// What multiplies, the best of them where none is asked for: for tests.
  package enum Kernel: Int32, CaseIterable, Sendable {
    case portable, avx2, vnni

    package var isSupported: Bool {
      switch self {
      case .portable: true
      case .avx2: CPUFeatures.multipliesBytes
      case .vnni: CPUFeatures.addsProductsOfBytesWhole
      }
    }
  }

  /// Columns of y.
  package let outputs: Int
  /// Columns of x.
  package let inputs: Int
  /// See `narrate_byte_matrix`.
  private let weights: Buffer
  private let steps: [Float]
  private let sums: [Int32]
  private let stride: Int

  /// Outputs whose weights stand together, and inputs of each that do.
  private static let (group, inputsTogether) = (16, 4)
  /// Products and sums for which a second thread is worth waking.
  private static let worthAThread = 400_000

  private var groups: Int { (outputs + Self.group - 1) / Self.group }

  /// Products of bytes that a sum of 32 bits holds.
  package static let mostInputs = Int(Int32.max) / (255 * 127)

  /// Rounds weights.
  /// - Parameter matrix: of which nothing is kept; at most `mostInputs` wide
  package init(_ matrix: HalfMatrix) {
    precondition(matrix.inputs <= Self.mostInputs)
    let (outputs, inputs) = (matrix.outputs, matrix.inputs)
    (self.outputs, self.inputs) = (outputs, inputs)
    let (group, together) = (Self.group, Self.inputsTogether)
    let stride = (inputs + together - 1) / together * together
    self.stride = stride
    let groups = (outputs + group - 1) / group
    weights = Buffer(byteCount: groups * group * stride)
    let bytes = weights.address.bindMemory(to: Int8.self, capacity: weights.byteCount)
    bytes.update(repeating: 0, count: weights.byteCount)
    var steps = [Float](repeating: 1, count: outputs)
    var sums = [Int32](repeating: 0, count: outputs)
    withUnsafeTemporaryAllocation(byteCount: stride + 4 * inputs, alignment: 64) { memory in
      guard let memory = memory.baseAddress else { return }
      let whole = memory.bindMemory(to: Int8.self, capacity: stride)
      whole.update(repeating: 0, count: stride)
      let row = (memory + stride).bindMemory(to: Float.self, capacity: inputs)
      for output in 0..<outputs {
        matrix.copyRow(output, into: row)
        sums[output] = narrate_quantize_weights(row, whole, &steps[output], inputs, 127)
        let own = bytes + output / group * group * stride + output % group * together
        for input in Swift.stride(from: 0, to: stride, by: together) {
          UnsafeMutableRawPointer(own + input * group).copyMemory(from: whole + input, byteCount: together)
        }
      }
    }
    (self.steps, self.sums) = (steps, sums)
  }

  /// Runs on the calling thread's team.
  /// - Parameters:
  ///   - x: [rows, inputs]
  ///   - bias: [outputs]
  ///   - y: [rows, outputs], overwritten
  ///   - adding: whether to add to `y` instead; takes no bias
  package func multiply(
    _ x: Rows, bias: Tensor? = nil, into y: MutableRows, adding: Bool = false, kernel: Kernel? = nil
  ) {
    precondition(!adding || bias == nil)
    precondition(x.rows == y.rows && x.columns == inputs && y.columns == outputs)
    precondition(y.isDense && bias?.count ?? outputs == outputs)
    let (rows, stride, groups) = (x.rows, stride, groups)
    // Rounded rows, then their steps and zeros.
    let scalesAt = (rows * stride + 63) & ~63
    withUnsafeTemporaryAllocation(byteCount: scalesAt + rows * 8 + 64, alignment: 64) { memory in
      guard let memory = memory.baseAddress else { return }
      let rounded = memory.bindMemory(to: UInt8.self, capacity: scalesAt)
      let scales = (memory + scalesAt).bindMemory(to: Float.self, capacity: 2 * rows)
      for row in 0..<rows {
        narrate_quantize_rows(x[row], rounded + row * stride, scales + 2 * row, 1, inputs)
        for beyond in inputs..<stride { rounded[row * stride + beyond] = 0 }
      }
      nonisolated(unsafe) let (input, scale, output) = (UnsafePointer(rounded), UnsafePointer(scales), y.base)
      nonisolated(unsafe) let (weights, bias) = (
        weights.address.assumingMemoryBound(to: Int8.self), bias?.pointer
      )
      let (steps, sums, kernel) = (steps, sums, kernel?.rawValue ?? -1)
      let threads = max(1, min(ThreadTeam.current.count, groups, rows * outputs * inputs / Self.worthAThread))
      // Each thread writes its own columns.
      share(among: threads) { [outputs] thread, count in
        steps.withUnsafeBufferPointer { steps in
          sums.withUnsafeBufferPointer { sums in
            var matrix = narrate_byte_matrix(
              weights: weights, steps: steps.baseAddress, sums: sums.baseAddress, bias: bias,
              adds: adding ? 1 : 0, outputs: outputs, stride: stride)
            narrate_byte_product(
              &matrix, input, scale, output, rows, groups * thread / count, groups * (thread + 1) / count,
              kernel)
          }
        }
      }
    }
    withExtendedLifetime(weights) {}
  }
}
