/// A view of rows of floats in memory that somebody else owns, and that stays in place while the view is used. Layers check
/// the views that they are given once, where they begin, and then go by pointers.
package struct Rows {
  package let base: UnsafePointer<Float>
  package let rows: Int
  package let columns: Int
  /// Floats from the beginning of a row to that of the next.
  package let stride: Int

  /// - Parameter stride: nil where rows lie one after the other
  @inlinable
  package init(_ base: UnsafePointer<Float>, rows: Int, columns: Int, stride: Int? = nil) {
    precondition(rows >= 0 && columns >= 0 && columns <= stride ?? columns)
    (self.base, self.rows, self.columns, self.stride) = (base, rows, columns, stride ?? columns)
  }

  @inlinable
  package init(_ rows: MutableRows) {
    (base, self.rows) = (UnsafePointer(rows.base), rows.rows)
    (columns, stride) = (rows.columns, rows.stride)
  }

  /// Whether rows lie one after the other, as kernels want them that know of no stride.
  @inlinable package var isDense: Bool { stride == columns || rows <= 1 }

  /// Number of values.
  @inlinable package var count: Int { rows * columns }

  /// A row's values.
  @inlinable
  package subscript(row: Int) -> UnsafePointer<Float> {
    assert(row >= 0 && row < rows)
    return base + row * stride
  }

  @inlinable
  package subscript(range: Range<Int>) -> Rows {
    precondition(range.lowerBound >= 0 && range.upperBound <= rows)
    return Rows(base + range.lowerBound * stride, rows: range.count, columns: columns, stride: stride)
  }

  /// Some columns of every row.
  @inlinable
  package func columns(_ range: Range<Int>) -> Rows {
    precondition(range.lowerBound >= 0 && range.upperBound <= columns)
    return Rows(base + range.lowerBound, rows: rows, columns: range.count, stride: stride)
  }
}

/// A view of rows of floats that may be written; see `Rows`.
package struct MutableRows {
  package let base: UnsafeMutablePointer<Float>
  package let rows: Int
  package let columns: Int
  /// Floats from the beginning of a row to that of the next.
  package let stride: Int

  /// - Parameter stride: nil where rows lie one after the other
  @inlinable
  package init(_ base: UnsafeMutablePointer<Float>, rows: Int, columns: Int, stride: Int? = nil) {
    precondition(rows >= 0 && columns >= 0 && columns <= stride ?? columns)
    (self.base, self.rows, self.columns, self.stride) = (base, rows, columns, stride ?? columns)
  }

  /// Whether rows lie one after the other, as kernels want them that know of no stride.
  @inlinable package var isDense: Bool { stride == columns || rows <= 1 }

  /// Number of values.
  @inlinable package var count: Int { rows * columns }

  /// A row's values.
  @inlinable
  package subscript(row: Int) -> UnsafeMutablePointer<Float> {
    assert(row >= 0 && row < rows)
    return base + row * stride
  }

  @inlinable
  package subscript(range: Range<Int>) -> MutableRows {
    precondition(range.lowerBound >= 0 && range.upperBound <= rows)
    return MutableRows(
      base + range.lowerBound * stride, rows: range.count, columns: columns, stride: stride)
  }

  /// Some columns of every row.
  @inlinable
  package func columns(_ range: Range<Int>) -> MutableRows {
    precondition(range.lowerBound >= 0 && range.upperBound <= columns)
    return MutableRows(base + range.lowerBound, rows: rows, columns: range.count, stride: stride)
  }

  /// The first values of the same memory in rows of another length.
  @inlinable
  package func reshaped(rows: Int, columns: Int) -> MutableRows {
    precondition(isDense && rows * columns <= count)
    return MutableRows(base, rows: rows, columns: columns)
  }

  /// Sets every value.
  @inlinable
  package func fill(_ value: Float) {
    precondition(isDense)
    base.update(repeating: value, count: count)
  }

  /// Sets every value to that of another view of the same size.
  @inlinable
  package func copy(from other: Rows) {
    precondition(rows == other.rows && columns == other.columns)
    if isDense, other.isDense {
      base.update(from: other.base, count: count)
    } else {
      for row in 0..<rows { self[row].update(from: other[row], count: columns) }
    }
  }
}

extension Tensor {
  /// The elements in rows along the last axis; see `pointer` for how long it is valid.
  package var rows: Rows {
    let columns = shape.last ?? 1
    return Rows(pointer, rows: columns == 0 ? 0 : count / columns, columns: columns)
  }

  /// The elements for writing, in rows along the last axis; see `mutablePointer`.
  package var mutableRows: MutableRows {
    mutating get {
      let columns = shape.last ?? 1
      return MutableRows(mutablePointer, rows: columns == 0 ? 0 : count / columns, columns: columns)
    }
  }
}

extension Arena {
  /// Rows of floats that are not set, valid as `floats` are.
  package func rows(_ rows: Int, _ columns: Int) -> MutableRows {
    MutableRows(floats(rows * columns), rows: rows, columns: columns)
  }

  /// Rows of floats set to zero.
  package func zeros(_ rows: Int, _ columns: Int) -> MutableRows {
    MutableRows(zeros(rows * columns), rows: rows, columns: columns)
  }
}

extension [Float] {
  /// A copy of all values, row after row.
  package init(_ rows: Rows) {
    precondition(rows.isDense)
    self.init(UnsafeBufferPointer(start: rows.base, count: rows.count))
  }

  /// The elements as so many rows of equal length, for as long as `body` runs.
  package func withUnsafeRows<Result>(_ rows: Int, _ body: (Rows) throws -> Result) rethrows -> Result {
    try withUnsafeBufferPointer {
      // An empty array has no address, and its rows none of their own.
      let base = $0.baseAddress ?? UnsafePointer(bitPattern: MemoryLayout<Float>.alignment)
      guard let base, rows > 0 else { preconditionFailure("no rows") }
      precondition($0.count % rows == 0)
      return try body(Rows(base, rows: rows, columns: $0.count / rows))
    }
  }
}
