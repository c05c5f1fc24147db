import CDNNL
import Tensors

/// A convolution's weights as whole numbers, each output channel with a step of its own (Krishnamoorthi 2018, "Quantizing deep
/// convolutional networks for efficient inference"), and what makes the result's numbers of the sums.
struct QuantizedWeights {
  /// [outputs, inputs / groups] + the kernel, whole numbers.
  let weight: LazyTensor
  /// [outputs], in the unit in which oneDNN adds it.
  let bias: LazyTensor
  /// [outputs], from the unit of the sums of products to the result's.
  let factors: [Float]

  /// - Parameters:
  ///   - weight: [outputs, inputs / groups] + the kernel
  ///   - bias: [outputs]
  ///   - source: of the numbers that the weights are multiplied by
  ///   - base: of what the result is added to
  ///   - result: of the numbers to be made
  init(
    _ weight: LazyTensor, _ bias: LazyTensor, source: NumberFormat, base: NumberFormat?, result: NumberFormat
  ) {
    let shape = Shape(weight.shape)
    let steps = weight.withValues { values in (0..<shape.outputs).map { shape.step(values + $0 * shape.row) }
    }
    let factors = steps.map { source.step * $0 / result.step }
    let whole = LazyTensor(shape: weight.shape) { target in
      weight.withValues { values in
        for (output, step) in steps.enumerated() {
          shape.round(values + output * shape.row, step: step, into: target + output * shape.row)
        }
      }
    }
    let shift = result.zero - (base.map { $0.zero * $0.step / result.step } ?? 0)
    let isAfterFactors = narrate_factors_argument(DNNL_ARG_WEIGHTS) != 0
    self.weight = whole
    self.factors = factors
    self.bias = LazyTensor(shape: bias.shape) { target in
      bias.withValues { target.update(from: $0, count: shape.outputs) }
      whole.withValues { values in
        for (output, factor) in factors.enumerated() {
          let sum = (0..<shape.row).reduce(Float(0)) { $0 + values[output * shape.row + $1] }
          let offset = target[output] / result.step + shift - source.zero * sum * factor
          target[output] = isAfterFactors ? offset : offset / factor
        }
      }
    }
  }

  /// Sizes of the weights, and how one output channel's are rounded.
  private struct Shape: Sendable {
    let outputs: Int
    /// Of a group.
    let inputs: Int
    /// Of the kernel.
    let taps: Int
    var row: Int { inputs * taps }

    init(_ shape: [Int]) { (outputs, inputs, taps) = (shape[0], shape[1], shape[2...].reduce(1, *)) }

    /// The step with which the largest weight is 127, or a little larger: AVX2 adds the products of two neighbouring inputs in
    /// 16 bits, which hold 128 times the largest byte, and oneDNN leaves it to us that they do.
    func step(_ values: UnsafePointer<Float>) -> Float {
      var step: Float = 0
      for index in 0..<row { step = max(step, abs(values[index]) / 127) }
      for input in stride(from: 0, to: inputs - 1, by: 2) {
        for index in input * taps..<(input + 1) * taps {
          let (a, b) = (values[index], values[index + taps])
          step = max(step, (max(a, 0) + max(b, 0)) / 127.4, (max(-a, 0) + max(-b, 0)) / 127.4)
        }
      }
      return step > 0 ? step : 1
    }

    /// Each to the nearest. In a depthwise convolution, whose inputs are much alike, what rounding adds to one is taken from
    /// the next, so that their sum stays.
    func round(_ values: UnsafePointer<Float>, step: Float, into target: UnsafeMutablePointer<Float>) {
      var rest: Float = 0
      for index in 0..<row {
        let value = values[index] / step + rest
        target[index] = min(max(value.rounded(.toNearestOrEven), -127), 127)
        if inputs == 1 { rest = value - target[index] }
      }
    }
  }
}
