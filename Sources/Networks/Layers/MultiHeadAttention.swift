import CKernels
import Compute
import Tensors

/// Scaled dot-product attention of several heads (Vaswani et al. 2017). Each head has its share of the width of queries, keys
/// and values; what the heads attended to is joined and projected.
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

  /// The entries that each query of a batch attends to.
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
    package let query: MutableRows
    /// [entries, width]
    package let keys: MutableRows
    package let values: MutableRows
    /// [rows, heads * most], of each head the list's weights; zero beyond a query's own list
    package let weights: MutableRows
    /// [rows, width]
    package let context: MutableRows

    /// - Parameters:
    ///   - weightRows: of queries whose weights are kept; nil is all
    ///   - most: of the longest list
    package init(
      rows: Int, weightRows: Int? = nil, entries: Int, most: Int, heads: Int, width: Int, _ memory: Arena
    ) {
      query = memory.rows(rows, width)
      keys = memory.rows(entries, width)
      values = memory.rows(entries, width)
      weights = memory.rows(weightRows ?? rows, heads * most)
      context = memory.rows(rows, width)
    }
  }

  private func kernel(_ trace: Trace, _ lists: Lists, rows: Int) -> narrate_multihead {
    precondition(trace.keys.columns == width && trace.query.columns == width)
    precondition(heads * lists.most <= trace.weights.columns)
    precondition(rows <= trace.weights.rows)
    return narrate_multihead(
      heads: heads, width: width / heads, most: lists.most, keys: UnsafePointer(trace.keys.base),
      values: UnsafePointer(trace.values.base), entries: lists.entries, first: lists.first,
      count: lists.count)
  }

  /// The keys and values of entries.
  /// - Parameters:
  ///   - x: [count, entries' channels]
  ///   - first: the row of keys and values that the first of them becomes
  package func remember(_ x: Rows, from first: Int = 0, in trace: Trace) {
    let entries = first..<first + x.rows
    key.forward(x, into: trace.keys[entries])
    value.forward(x, into: trace.values[entries])
  }

  /// - Parameters:
  ///   - x: [rows, inputs]
  ///   - y: [rows, inputs], overwritten
  package func attend(_ x: Rows, lists: Lists, trace: Trace, into y: MutableRows) {
    let rows = 0..<x.rows
    let (queries, context) = (trace.query[rows], trace.context[rows])
    query.forward(x, into: queries)
    nonisolated(unsafe) let kernel = kernel(trace, lists, rows: x.rows)
    nonisolated(unsafe) let (from, weights, into) = (queries.base, trace.weights.base, context.base)
    let (heads, width) = (heads, width)
    // Rows are independent of one another.
    let isWorthThreads = x.rows * lists.most * width > 200_000
    share(rows: x.rows, atOnce: 1, among: isWorthThreads ? nil : 1) { rows in
      var own = kernel
      own.first += rows.lowerBound
      own.count += rows.lowerBound
      narrate_multihead_forward(
        &own, rows.count, from + rows.lowerBound * width, weights + rows.lowerBound * heads * own.most,
        into + rows.lowerBound * width)
    }
    output.forward(Rows(context), into: y)
  }
}

extension MultiHeadAttention {
  /// Queries of a head that are multiplied at once.
  private static var block: Int { 64 }

  /// Each row attends to the same entries, as all patches of a picture do to one another: products of matrices, a head and some
  /// queries at a time. Shared by the calling thread's team. No weights are kept: `trace` may be for lists of no length.
  /// - Parameters:
  ///   - x: [rows, inputs]
  ///   - entries: of keys and values
  ///   - y: [rows, inputs], overwritten
  package func attendToAll(_ x: Rows, entries: Range<Int>, trace: Trace, into y: MutableRows) {
    let (rows, width) = (0..<x.rows, width / heads)
    query.forward(x, into: trace.query[rows])
    nonisolated(unsafe) let (queries, context) = (Rows(trace.query[rows]), trace.context[rows])
    nonisolated(unsafe) let (keys, values) = (Rows(trace.keys[entries]), Rows(trace.values[entries]))
    let blocks = (x.rows + Self.block - 1) / Self.block
    let scale = 1 / Float(width).squareRoot()
    share(parts: heads * blocks) { part in
      let columns = part / blocks * width..<(part / blocks + 1) * width
      let own = part % blocks * Self.block..<min(queries.rows, (part % blocks + 1) * Self.block)
      withUnsafeTemporaryAllocation(byteCount: 4 * own.count * keys.rows, alignment: 64) { buffer in
        guard let scores = buffer.bindMemory(to: Float.self).baseAddress else { return }
        let weights = MutableRows(scores, rows: own.count, columns: keys.rows)
        multiply(queries[own].columns(columns), keys.columns(columns), into: weights, transposeB: true)
        narrate_softmax(scores, own.count, keys.rows, scale)
        multiply(Rows(weights), values.columns(columns), into: context[own].columns(columns))
      }
    }
    output.forward(Rows(context), into: y)
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
    _ x: Rows, entries: Rows, lists: Lists, trace: Trace, dy: Rows, into dx: MutableRows,
    entriesGradient: MutableRows, gradient: inout MultiHeadAttention, arena: Arena
  ) {
    precondition(trace.query.rows == x.rows && trace.keys.rows == entries.rows)
    let contextGradient = arena.rows(x.rows, width)
    output.backward(Rows(trace.context), dy, into: contextGradient, gradient: &gradient.output)
    let queryGradient = arena.rows(x.rows, width)
    let (keys, values) = (arena.zeros(entries.rows, width), arena.zeros(entries.rows, width))
    var kernel = kernel(trace, lists, rows: x.rows)
    narrate_multihead_backward(
      &kernel, x.rows, trace.query.base, trace.weights.base, contextGradient.base, arena.floats(lists.most),
      queryGradient.base, keys.base, values.base)
    query.backward(x, Rows(queryGradient), into: dx, gradient: &gradient.query)
    key.backward(entries, Rows(keys), into: entriesGradient, adding: true, gradient: &gradient.key)
    value.backward(entries, Rows(values), into: entriesGradient, adding: true, gradient: &gradient.value)
  }
}
