import Tensors
import Testing

@Suite struct RowsTests {
  private let tensor = Tensor(shape: [2, 2, 3], values: (0..<12).map { Float($0) })

  private func values(_ rows: Rows) -> [[Float]] {
    (0..<rows.rows).map { row in (0..<rows.columns).map { rows[row][$0] } }
  }

  @Test func aTensorsRowsLieAlongItsLastAxis() {
    let rows = tensor.rows
    #expect(rows.rows == 4 && rows.columns == 3 && rows.count == 12 && rows.isDense)
    #expect(values(rows) == [[0, 1, 2], [3, 4, 5], [6, 7, 8], [9, 10, 11]])
    #expect(Tensor(shape: [0, 3]).rows.rows == 0)
    #expect(Tensor(shape: [5]).rows.rows == 1)
  }

  @Test func partsOfAViewAreViewsOfTheSameMemory() {
    let some = tensor.rows[1..<3]
    #expect(values(some) == [[3, 4, 5], [6, 7, 8]] && some.isDense)
    let right = some.columns(1..<3)
    #expect(values(right) == [[4, 5], [7, 8]] && !right.isDense && right.stride == 3)
    #expect(right[0] == tensor.pointer + 4)
    #expect(right[1..<2].isDense)
  }

  @Test func copiesGoByTheStride() {
    var target = Tensor(shape: [4, 5])
    target.fill(-1)
    target.mutableRows.columns(2..<5).copy(from: tensor.rows)
    for row in 0..<4 {
      #expect(values(target.rows)[row] == [-1, -1] + values(tensor.rows)[row])
    }
    var dense = Tensor(shape: [4, 3])
    dense.mutableRows.copy(from: target.rows.columns(2..<5))
    #expect(dense.values == tensor.values)
  }

  @Test func memoryIsSeenInRowsOfAnotherLength() {
    let arena = Arena()
    let rows = arena.zeros(3, 4)
    rows.reshaped(rows: 2, columns: 5).fill(1)
    #expect(values(Rows(rows)) == [[1, 1, 1, 1], [1, 1, 1, 1], [1, 1, 0, 0]])
  }

  @Test func anArrayIsSeenInRows() {
    let sums = [1, 2, 3, 4].withUnsafeRows(2) { rows in values(rows).map { $0.reduce(0, +) } }
    #expect(sums == [3, 7])
  }
}
