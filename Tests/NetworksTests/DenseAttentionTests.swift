import Compute
import Networks
import Tensors
import Testing

/// Attention of all to all, as products of matrices, is that of lists.
@Suite struct DenseAttentionTests {
  @Test(arguments: [(1, 5), (70, 70), (130, 33)]) func allAttendToAll(rows: Int, entries: Int) {
    var random: RandomGenerator? = RandomGenerator(seed: 5)
    let (width, heads) = (24, 3)
    let layer = MultiHeadAttention(
      heads: heads, width: width, query: Linear(inputs: width, outputs: width, using: &random),
      key: Linear(inputs: width, outputs: width, using: &random),
      value: Linear(inputs: width, outputs: width, using: &random),
      output: Linear(inputs: width, outputs: width, using: &random))
    let x = Tensor(shape: [rows, width], normal: 2, using: &random)
    let y = Tensor(shape: [entries, width], normal: 2, using: &random)
    let arena = Arena()
    // Entries that nobody attends to stand before.
    let trace = MultiHeadAttention<Tensor>.Trace(
      rows: rows, entries: entries + 4, most: entries, heads: heads, width: width, arena)
    layer.remember(y.rows, from: 4, in: trace)
    let (list, first, count) = (arena.integers(entries), arena.integers(rows), arena.integers(rows))
    for entry in 0..<entries { list[entry] = Int32(entry + 4) }
    for row in 0..<rows { (first[row], count[row]) = (0, Int32(entries)) }
    var (expected, found) = (Tensor(shape: [rows, width]), Tensor(shape: [rows, width]))
    layer.attend(
      x.rows, lists: .init(entries: list, first: first, count: count, most: entries), trace: trace,
      into: expected.mutableRows)
    for threads in [1, 2] {
      ThreadTeam(threads).run {
        layer.attendToAll(x.rows, entries: 4..<4 + entries, trace: trace, into: found.mutableRows)
      }
      let worst = zip(found.values, expected.values).map { $0.isNaN ? .infinity : abs($0 - $1) }.max()
      #expect((worst ?? .infinity) < 1e-5)
    }
  }
}
