import CKernels
import Tensors

/// Inverted dropout (Srivastava et al. 2014), in place. The mask follows from the seed: the backward pass is the same
/// call on the gradient.
package func dropout(_ values: MutableRows, rate: Float, seed: UInt64) {
  precondition(rate >= 0 && rate < 1 && values.isDense)
  if rate > 0 { narrate_dropout(values.base, values.count, rate, seed) }
}

/// max(0, x), in place.
package func relu(_ values: MutableRows) {
  precondition(values.isDense)
  narrate_relu(values.base, values.count)
}

/// Stops the gradient where the output is not positive.
package func reluBackward(_ output: Rows, _ gradient: MutableRows) {
  precondition(output.count == gradient.count && output.isDense && gradient.isDense)
  narrate_relu_backward(output.base, gradient.base, output.count)
}

/// Logarithms of each row's probabilities, in place.
package func logSoftmax(_ logits: MutableRows) {
  precondition(logits.isDense)
  narrate_log_softmax(logits.base, logits.rows, logits.columns)
}

/// Cross-entropy with label smoothing (Szegedy et al. 2016), natural logarithm, summed over rows.
/// - Parameters:
///   - logits: [rows, classes]; become `scale` times their gradient
///   - targets: [rows]
///   - weights: [rows], what each row's loss is multiplied by; nil: 1
package func crossEntropy(
  _ logits: MutableRows, targets: [Int32], weights: [Float]? = nil, smoothing: Float, scale: Float
) -> Double {
  precondition(targets.count == logits.rows && weights?.count ?? logits.rows == logits.rows)
  precondition(logits.isDense)
  return narrate_cross_entropy(
    logits.base, targets, weights, logits.rows, logits.columns, smoothing, scale)
}

/// Draws an index by the probabilities softmax(logits): the first at which their sum exceeds `uniform`.
/// - Parameters:
///   - logits: one row; those of -infinity are never drawn. Overwritten.
///   - uniform: 0 to 1, the latter left out
/// - Returns: the index, and its probability's natural logarithm.
package func draw(_ logits: MutableRows, uniform: Float) -> (index: Int, logProbability: Float) {
  precondition(logits.rows == 1)
  var logarithm: Float = 0
  let index = narrate_draw(logits.base, logits.columns, uniform, &logarithm)
  return (index, logarithm)
}

/// y += x.
package func add(_ x: Rows, to y: MutableRows) {
  precondition(x.count == y.count && x.isDense && y.isDense)
  narrate_add(y.base, x.base, x.count)
}

/// y += x, of vectors.
package func add(_ x: UnsafePointer<Float>, to y: UnsafeMutablePointer<Float>, count: Int) {
  narrate_add(y, x, count)
}

/// The mean over rows: their sum divided by their number.
/// - Parameter y: [columns], overwritten
package func mean(_ x: Rows, into y: UnsafeMutablePointer<Float>) {
  y.update(repeating: 0, count: x.columns)
  for row in 0..<x.rows { add(x[row], to: y, count: x.columns) }
  for column in 0..<x.columns { y[column] /= Float(x.rows) }
}

/// The mean over rows, as a product with a share: of the features that models have learned from so, last bits count.
/// - Parameter y: [columns], overwritten
package func average(_ x: Rows, into y: UnsafeMutablePointer<Float>) {
  y.update(from: x.base, count: x.columns)
  for row in 1..<max(1, x.rows) { add(x[row], to: y, count: x.columns) }
  let share = 1 / Float(x.rows)
  for column in 0..<x.columns { y[column] *= share }
}

/// One scalar gate a row: σ(pre-activation), in place; and scaled = gate * context.
package enum ScalarGate {
  /// - Parameters:
  ///   - gate: [rows, 1], pre-activations; become the gates
  ///   - context: [rows, columns]
  ///   - scaled: [rows, columns], overwritten
  package static func forward(_ gate: MutableRows, context: Rows, into scaled: MutableRows) {
    check(Rows(gate), context, scaled)
    narrate_sigmoid(gate.base, gate.rows)
    narrate_scale_rows(context.base, gate.base, scaled.base, context.rows, context.columns)
  }

  /// - Parameters:
  ///   - gradient: [rows, columns], that of the scaled context; becomes that of the context
  ///   - gateGradient: [rows, 1], that of the pre-activations, overwritten
  package static func backward(
    _ gate: Rows, context: Rows, gradient: MutableRows, gateGradient: MutableRows
  ) {
    check(gate, context, gradient)
    check(Rows(gateGradient), context, gradient)
    narrate_scale_rows_backward(
      context.base, gate.base, gradient.base, gateGradient.base, context.rows, context.columns)
  }

  private static func check(_ gate: Rows, _ context: Rows, _ scaled: MutableRows) {
    precondition(gate.columns == 1 && gate.rows == context.rows && context.rows == scaled.rows)
    precondition(context.columns == scaled.columns)
    precondition(gate.isDense && context.isDense && scaled.isDense)
  }
}
