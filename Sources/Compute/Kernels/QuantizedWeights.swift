import CDNNL
import CKernels
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
    let (outputs, inputs) = (weight.shape[0], weight.shape[1])
    let taps = weight.shape[2...].reduce(1, *)
    let row = inputs * taps
    let paired = CPUFeatures.addsProductsOfBytesWhole ? 0 : 1
    let steps = weight.withValues { values in
      (0..<outputs).map { narrate_quantization_step(values + $0 * row, inputs, taps, paired) }
    }
    let factors = steps.map { source.step * $0 / result.step }
    self.factors = factors
    self.weight = LazyTensor(shape: weight.shape) { target in
      weight.withValues { values in
        for (output, step) in steps.enumerated() {
          _ = narrate_quantize(values + output * row, target + output * row, inputs, taps, step)
        }
      }
    }
    let shift = result.zero - (base.map { $0.zero * $0.step / result.step } ?? 0)
    let isAfterFactors = narrate_factors_argument(DNNL_ARG_WEIGHTS) != 0
    self.bias = LazyTensor(shape: bias.shape) { target in
      bias.withValues { target.update(from: $0, count: outputs) }
      let whole = UnsafeMutablePointer<Float>.allocate(capacity: row)
      defer { whole.deallocate() }
      weight.withValues { values in
        for (output, factor) in factors.enumerated() {
          let sum =
            source.zero == 0
            ? 0 : narrate_quantize(values + output * row, whole, inputs, taps, steps[output])
          let offset = target[output] / result.step + shift - source.zero * sum * factor
          target[output] = isAfterFactors ? offset : offset / factor
        }
      }
    }
  }
}
