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
package func exponentiateTwice(_ values: UnsafeMutablePointer<Float>, count: Int) {
  narrate_exponentiate_twice(values, count)
}

/// The grids that a batch of queries looks at. Keys and values are computed once for each image, not once for each word.
package struct AttentionGrid {
  /// Cells of the largest grid.
  package let positions: Int
  /// [images + 1], where each image's cells begin; nil where all grids are equally large.
  package let first: UnsafePointer<Int32>?
  /// Length of a key and of a query.
  package let width: Int
  /// Length of a value.
  package let depth: Int
  /// [cells, width], e^(2 key), the images' grids one after the other; see `exponentiateTwice`
  package let keys: UnsafePointer<Float>
  /// [cells, depth]
  package let values: UnsafePointer<Float>

  package init(
    positions: Int, first: UnsafePointer<Int32>? = nil, width: Int, depth: Int, keys: UnsafePointer<Float>,
    values: UnsafePointer<Float>
  ) {
    (self.positions, self.first, self.width, self.depth) = (positions, first, width, depth)
    (self.keys, self.values) = (keys, values)
  }

  private func kernel(_ score: Tensor, _ images: UnsafePointer<Int32>) -> narrate_attention {
    narrate_attention(
      positions: positions, width: width, values_width: depth, keys: keys, values: values,
      score: score.pointer,
      image: images, first: first)
  }

  /// - Parameters:
  ///   - images: [rows], the grid that each query looks at
  ///   - query: [rows, width], e^(2 query)
  ///   - weights: [rows, positions], overwritten; zero beyond the image's own cells
  ///   - context: [rows, depth], overwritten
  package func attend(
    _ query: UnsafePointer<Float>, score: Tensor, images: UnsafePointer<Int32>, rows: Int,
    weights: UnsafeMutablePointer<Float>, context: UnsafeMutablePointer<Float>
  ) {
    var attention = kernel(score, images)
    narrate_attention_forward(&attention, rows, query, weights, context)
  }

  /// Where the gradients of a grid add up, shapes as in the grid.
  package struct Gradient {
    package let keys: UnsafeMutablePointer<Float>
    package let values: UnsafeMutablePointer<Float>
    package init(keys: UnsafeMutablePointer<Float>, values: UnsafeMutablePointer<Float>) {
      (self.keys, self.values) = (keys, values)
    }
  }

  /// - Parameters:
  ///   - weights: [rows, positions], what `attend` gave
  ///   - contextGradient: [rows, depth]
  ///   - weightsGradient: [rows, positions], what does not come through the context; overwritten
  ///   - queryGradient: [rows, width], overwritten
  ///   - scoreGradient: [width], added to
  package func backward(
    _ query: UnsafePointer<Float>, score: Tensor, images: UnsafePointer<Int32>, rows: Int,
    weights: UnsafePointer<Float>, contextGradient: UnsafePointer<Float>,
    weightsGradient: UnsafeMutablePointer<Float>, gradient: Gradient,
    queryGradient: UnsafeMutablePointer<Float>, scoreGradient: UnsafeMutablePointer<Float>
  ) {
    var attention = kernel(score, images)
    narrate_attention_backward(
      &attention, rows, query, weights, contextGradient, weightsGradient, gradient.keys, gradient.values,
      queryGradient, scoreGradient)
  }
}
