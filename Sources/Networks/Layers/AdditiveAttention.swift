import CKernels
import Compute
import Tensors

/// Soft attention over a grid (Bahdanau et al. 2015; Xu et al. 2015): e = score · tanh(key + query), softmax over the
/// positions, and the mean of the values under these weights.
package struct AdditiveAttention<Matrix: WeightMatrix>: Sendable {
  /// From a value to its key: [width, values]
  package var key: LinearLayer<Matrix>
  /// From the state to the query: [width, state]
  package var query: Matrix
  /// [width]
  package var score: Tensor

  package init(key: LinearLayer<Matrix>, query: Matrix, score: Tensor) {
    precondition(query.outputs == key.outputs && score.shape == [key.outputs])
    (self.key, self.query, self.score) = (key, query, score)
  }

  package var width: Int { score.count }
}

extension AdditiveAttention: Learned where Matrix == Tensor {
  /// Uniform within ±1/√fan-in.
  package init(values: Int, state: Int, width: Int, using random: inout RandomGenerator?) {
    key = Linear(inputs: values, outputs: width, using: &random)
    query = Tensor(shape: [width, state], uniform: 1 / Float(state).squareRoot(), using: &random)
    score = Tensor(shape: [width], uniform: 1 / Float(width).squareRoot(), using: &random)
  }

  package var parameters: [Parameter<AdditiveAttention>] {
    key.parameters(of: "key", at: \.key)
      + [Parameter("query.weight", \.query), Parameter("score.weight", \.score)]
  }
}

/// e^(2x) in place, the form in which attention takes keys and queries: tanh(k + q) = 1 - 2 / (1 + e^(2k) e^(2q)), so that no
/// exponential is left for each pair of them.
package func exponentiateTwice(_ values: MutableRows) {
  precondition(values.isDense)
  narrate_exponentiate_twice(values.base, values.count)
}

/// The grids that a batch of queries attends to. Keys and values are computed once for each image, not once for each word.
package struct AttentionGrid {
  /// Cells of the largest grid.
  package let positions: Int
  /// [images + 1], where each image's cells begin; nil where all grids are equally large.
  package let first: UnsafePointer<Int32>?
  /// [cells, width], e^(2 key), the images' grids one after the other; see `exponentiateTwice`
  package let keys: Rows
  /// [cells, depth]
  package let values: Rows

  package init(positions: Int, first: UnsafePointer<Int32>? = nil, keys: Rows, values: Rows) {
    precondition(keys.rows == values.rows && keys.isDense && values.isDense)
    (self.positions, self.first, self.keys, self.values) = (positions, first, keys, values)
  }

  private func kernel(_ score: Tensor, _ images: UnsafePointer<Int32>) -> narrate_attention {
    narrate_attention(
      positions: positions, width: keys.columns, values_width: values.columns, keys: keys.base,
      values: values.base, score: score.pointer, image: images, first: first)
  }

  private func check(_ query: Rows, _ score: Tensor, weights: Rows, context: Rows) {
    precondition(query.columns == keys.columns && score.count == keys.columns)
    precondition(weights.columns == positions && context.columns == values.columns)
    precondition(query.rows == weights.rows && query.rows == context.rows)
    precondition(query.isDense && weights.isDense && context.isDense)
  }

  /// - Parameters:
  ///   - query: [rows, width], e^(2 query)
  ///   - images: [rows], the grid that each query attends to
  ///   - weights: [rows, positions], overwritten; zero beyond the image's own cells
  ///   - context: [rows, depth], overwritten
  package func attend(
    _ query: Rows, score: Tensor, images: UnsafePointer<Int32>, weights: MutableRows, context: MutableRows
  ) {
    check(query, score, weights: Rows(weights), context: Rows(context))
    var attention = kernel(score, images)
    narrate_attention_forward(&attention, query.rows, query.base, weights.base, context.base)
  }

  /// The cells of an image.
  private func cells(of image: Int32) -> Range<Int> {
    guard let first else { return Int(image) * positions..<(Int(image) + 1) * positions }
    return Int(first[Int(image)])..<Int(first[Int(image) + 1])
  }

  /// What there is without attention: every cell of an image has the same weight.
  /// - Parameters: as in `attend`
  package func average(images: UnsafePointer<Int32>, weights: MutableRows, context: MutableRows) {
    precondition(weights.rows == context.rows && weights.columns == positions)
    precondition(context.columns == values.columns)
    for row in 0..<context.rows {
      let cells = cells(of: images[row])
      for cell in 0..<positions { weights[row][cell] = cell < cells.count ? 1 / Float(cells.count) : 0 }
      mean(values[cells], into: context[row])
    }
  }

  /// - Parameters: as in `backward`
  package func averageBackward(images: UnsafePointer<Int32>, contextGradient: Rows, gradient: Gradient) {
    precondition(contextGradient.columns == values.columns && gradient.values.rows == values.rows)
    for row in 0..<contextGradient.rows {
      let (cells, source) = (cells(of: images[row]), contextGradient[row])
      let share = 1 / Float(cells.count)
      for cell in cells {
        let target = gradient.values[cell]
        for channel in 0..<values.columns { target[channel] += share * source[channel] }
      }
    }
  }

  /// Where the gradients of a grid add up, shapes as in the grid.
  package struct Gradient {
    package let keys: MutableRows
    package let values: MutableRows
    package init(keys: MutableRows, values: MutableRows) { (self.keys, self.values) = (keys, values) }
  }

  /// - Parameters:
  ///   - weights: [rows, positions], what `attend` gave
  ///   - contextGradient: [rows, depth]
  ///   - weightsGradient: [rows, positions], what does not come through the context; overwritten
  ///   - queryGradient: [rows, width], overwritten
  ///   - scoreGradient: [width], added to
  package func backward(
    _ query: Rows, score: Tensor, images: UnsafePointer<Int32>, weights: Rows, contextGradient: Rows,
    weightsGradient: MutableRows, gradient: Gradient, queryGradient: MutableRows,
    scoreGradient: inout Tensor
  ) {
    check(query, score, weights: weights, context: contextGradient)
    check(Rows(queryGradient), scoreGradient, weights: Rows(weightsGradient), context: contextGradient)
    precondition(gradient.keys.rows == keys.rows && gradient.keys.columns == keys.columns)
    precondition(gradient.values.rows == values.rows && gradient.values.columns == values.columns)
    precondition(gradient.keys.isDense && gradient.values.isDense)
    var attention = kernel(score, images)
    narrate_attention_backward(
      &attention, query.rows, query.base, weights.base, contextGradient.base, weightsGradient.base,
      gradient.keys.base, gradient.values.base, queryGradient.base, scoreGradient.mutablePointer)
  }
}
