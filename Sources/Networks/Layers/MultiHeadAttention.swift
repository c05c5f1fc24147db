import CKernels
import Tensors

/// Scaled dot-product attention of several heads (Vaswani et al. 2017). Each head has its share of the width of queries, keys
/// and values; what the heads saw is joined and projected.
package struct MultiHeadAttention<Matrix: WeightMatrix>: Sendable {
  package let heads: Int
  /// Of queries, keys and values, all heads together.
  package let width: Int
  /// [width, inputs]
  package var query: LinearLayer<Matrix>
  /// [width, entries' channels] each
  package var key: LinearLayer<Matrix>
  package var value: LinearLayer<Matrix>
  /// [inputs, width]
  package var output: LinearLayer<Matrix>

  package init(
    heads: Int, width: Int, query: LinearLayer<Matrix>, key: LinearLayer<Matrix>,
    value: LinearLayer<Matrix>, output: LinearLayer<Matrix>
  ) {
    precondition(width % heads == 0)
    (self.heads, self.width, self.query, self.key) = (heads, width, query, key)
    (self.value, self.output) = (value, output)
  }

  /// The entries that each query of a batch looks at.
  package struct Lists {
    /// Rows of keys and values, the lists one after the other or sharing parts.
    package let entries: UnsafePointer<Int32>
    /// [rows], where each query's list begins
    package let first: UnsafePointer<Int32>
    /// [rows], its length, above 0
    package let count: UnsafePointer<Int32>
    /// Length of the longest.
    package let most: Int

    package init(
      entries: UnsafePointer<Int32>, first: UnsafePointer<Int32>, count: UnsafePointer<Int32>, most: Int
    ) {
      (self.entries, self.first, self.count, self.most) = (entries, first, count, most)
    }
  }

  /// What forward computes and backward needs.
  package struct Trace {
    /// [rows, width]
    package let query: UnsafeMutablePointer<Float>
    /// [entries, width]
    package let keys: UnsafeMutablePointer<Float>
    package let values: UnsafeMutablePointer<Float>
    /// [rows, heads, most], zero beyond a query's own list
    package let weights: UnsafeMutablePointer<Float>
    /// [rows, width]
    package let context: UnsafeMutablePointer<Float>

    /// - Parameter most: of the longest list
    package init(rows: Int, entries: Int, most: Int, heads: Int, width: Int, _ memory: Arena) {
      query = memory.floats(rows * width)
      keys = memory.floats(entries * width)
      values = memory.floats(entries * width)
      weights = memory.floats(rows * heads * most)
      context = memory.floats(rows * width)
    }
  }

  private func kernel(_ trace: Trace, _ lists: Lists) -> narrate_multihead {
    narrate_multihead(
      heads: heads, width: width / heads, most: lists.most, keys: UnsafePointer(trace.keys),
      values: UnsafePointer(trace.values), entries: lists.entries, first: lists.first, count: lists.count)
  }

  /// The keys and values of entries.
  /// - Parameters:
  ///   - x: [count, entries' channels]
  ///   - first: the row of keys and values that the first of them becomes
  package func remember(_ x: UnsafePointer<Float>, count: Int, from first: Int = 0, in trace: Trace) {
    key.forward(x, rows: count, into: trace.keys + first * width)
    value.forward(x, rows: count, into: trace.values + first * width)
  }

  /// - Parameters:
  ///   - x: [rows, inputs]
  ///   - y: [rows, inputs], overwritten
  package func attend(
    _ x: UnsafePointer<Float>, rows: Int, lists: Lists, trace: Trace, into y: UnsafeMutablePointer<Float>
  ) {
    query.forward(x, rows: rows, into: trace.query)
    var kernel = kernel(trace, lists)
    narrate_multihead_forward(&kernel, rows, trace.query, trace.weights, trace.context)
    output.forward(trace.context, rows: rows, into: y)
  }
}

extension MultiHeadAttention: Learned where Matrix == Tensor {
  package var parameters: [Parameter<MultiHeadAttention>] {
    query.parameters(of: "query", at: \.query) + key.parameters(of: "key", at: \.key)
      + value.parameters(of: "value", at: \.value) + output.parameters(of: "output", at: \.output)
  }

  /// Backward through `attend` and `remember`; adds to the gradients of all weights.
  /// - Parameters:
  ///   - x: what `attend` was given
  ///   - entries: [count, entries' channels], what `remember` was given
  ///   - dy: [rows, inputs]
  ///   - dx: [rows, inputs], overwritten
  ///   - entriesGradient: [count, entries' channels], added to; may be `dx`
  package func backward(
    _ x: UnsafePointer<Float>, rows: Int, entries: UnsafePointer<Float>, count: Int, lists: Lists,
    trace: Trace,
    dy: UnsafePointer<Float>, into dx: UnsafeMutablePointer<Float>,
    entriesGradient: UnsafeMutablePointer<Float>, gradient: inout MultiHeadAttention, arena: Arena
  ) {
    let contextGradient = arena.floats(rows * width)
    output.backward(trace.context, dy, rows: rows, into: contextGradient, gradient: &gradient.output)
    let queryGradient = arena.floats(rows * width)
    let (keys, values) = (arena.zeros(count * width), arena.zeros(count * width))
    var kernel = kernel(trace, lists)
    narrate_multihead_backward(
      &kernel, rows, trace.query, trace.weights, contextGradient, arena.floats(lists.most), queryGradient,
      keys,
      values)
    query.backward(x, queryGradient, rows: rows, into: dx, gradient: &gradient.query)
    key.backward(entries, keys, rows: count, into: entriesGradient, adding: true, gradient: &gradient.key)
    value.backward(
      entries, values, rows: count, into: entriesGradient, adding: true, gradient: &gradient.value)
  }
}
