import CKernels

/// Inverted dropout (Srivastava et al. 2014), in place. The mask follows from the seed: the backward pass is the same
/// call on the gradient.
package func dropout(_ values: UnsafeMutablePointer<Float>, count: Int, rate: Float, seed: UInt64) {
  precondition(rate >= 0 && rate < 1)
  if rate > 0 { narrate_dropout(values, count, rate, seed) }
}

/// max(0, x), in place.
package func relu(_ values: UnsafeMutablePointer<Float>, count: Int) { narrate_relu(values, count) }

/// Stops the gradient where the output is not positive.
package func reluBackward(_ output: UnsafePointer<Float>, _ gradient: UnsafeMutablePointer<Float>, count: Int)
{
  narrate_relu_backward(output, gradient, count)
}

/// Logarithms of probabilities, in place: [rows, columns].
package func logSoftmax(_ logits: UnsafeMutablePointer<Float>, rows: Int, columns: Int) {
  narrate_log_softmax(logits, rows, columns)
}

/// Cross-entropy with label smoothing (Szegedy et al. 2016), natural logarithm, summed over rows.
/// - Parameters:
///   - logits: [rows, columns]; become `scale` times their gradient
///   - targets: [rows]
///   - weights: [rows], what each row's loss is multiplied by; nil: 1
package func crossEntropy(
  _ logits: UnsafeMutablePointer<Float>, targets: UnsafePointer<Int32>,
  weights: UnsafePointer<Float>? = nil, rows: Int, columns: Int, smoothing: Float, scale: Float
) -> Double {
  narrate_cross_entropy(logits, targets, weights, rows, columns, smoothing, scale)
}

/// Draws an index by the probabilities softmax(logits): the first at which their sum exceeds `uniform`.
/// - Parameters:
///   - logits: [count]; those of -infinity are never drawn. Overwritten.
///   - uniform: 0 to 1, the latter left out
/// - Returns: the index, and its probability's natural logarithm.
package func draw(
  _ logits: UnsafeMutablePointer<Float>, count: Int, uniform: Float
) -> (index: Int, logProbability: Float) {
  var logarithm: Float = 0
  let index = narrate_draw(logits, count, uniform, &logarithm)
  return (index, logarithm)
}

/// y += x.
package func add(_ x: UnsafePointer<Float>, to y: UnsafeMutablePointer<Float>, count: Int) {
  narrate_add(y, x, count)
}

/// The mean over rows.
/// - Parameters:
///   - x: [rows, columns]
///   - y: [columns], overwritten
package func average(
  _ x: UnsafePointer<Float>, rows: Int, columns: Int, into y: UnsafeMutablePointer<Float>
) {
  y.update(from: x, count: columns)
  for row in 1..<max(1, rows) { add(x + row * columns, to: y, count: columns) }
  let share = 1 / Float(rows)
  for column in 0..<columns { y[column] *= share }
}

/// One scalar gate a row: σ(pre-activation), in place; and scaled = gate * context.
package enum ScalarGate {
  /// - Parameters:
  ///   - gate: [rows], pre-activations; become the gates
  ///   - context: [rows, columns]
  ///   - scaled: [rows, columns], overwritten
  package static func forward(
    _ gate: UnsafeMutablePointer<Float>, context: UnsafePointer<Float>,
    into scaled: UnsafeMutablePointer<Float>,
    rows: Int, columns: Int
  ) {
    narrate_sigmoid(gate, rows)
    narrate_scale_rows(context, gate, scaled, rows, columns)
  }

  /// - Parameters:
  ///   - gradient: [rows, columns], that of the scaled context; becomes that of the context
  ///   - gateGradient: [rows], that of the pre-activations, overwritten
  package static func backward(
    _ gate: UnsafePointer<Float>, context: UnsafePointer<Float>, gradient: UnsafeMutablePointer<Float>,
    gateGradient: UnsafeMutablePointer<Float>, rows: Int, columns: Int
  ) {
    narrate_scale_rows_backward(context, gate, gradient, gateGradient, rows, columns)
  }
}
