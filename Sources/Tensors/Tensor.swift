/// A dense array of 32-bit floats, row-major, with value semantics: copies share storage until one is written to.
///
/// What each axis means stands where a tensor is declared.
package struct Tensor: Sendable {
  /// Length of each axis, outermost first. A scalar has no axes.
  package let shape: [Int]
  private var storage: Storage

  /// Zeros.
  package init(shape: [Int]) {
    precondition(shape.allSatisfy { $0 >= 0 }, "negative axis in \(shape)")
    self.shape = shape
    storage = Storage(count: shape.reduce(1, *))
  }

  /// - Precondition: `values.count` is the product of `shape`.
  package init(shape: [Int], values: [Float]) {
    self.init(shape: shape)
    precondition(values.count == storage.count, "\(values.count) values for shape \(shape)")
    values.withUnsafeBufferPointer { source in
      if let base = source.baseAddress { storage.base.update(from: base, count: source.count) }
    }
  }

  /// Number of elements.
  package var count: Int { storage.count }

  /// The elements in row-major order, valid while this tensor (or a copy) is alive and unchanged: take it of a tensor
  /// that has a name, not of a passing value. Aligned to 64 bytes.
  package var pointer: UnsafePointer<Float> { UnsafePointer(storage.base) }

  /// The elements for writing; the storage is copied first if it is shared.
  package var mutablePointer: UnsafeMutablePointer<Float> {
    mutating get {
      if !isKnownUniquelyReferenced(&storage) { storage = Storage(copying: storage) }
      return storage.base
    }
  }

  /// The elements as an array, row-major.
  package var values: [Float] { Array(UnsafeBufferPointer(start: storage.base, count: storage.count)) }

  package mutating func fill(_ value: Float) { mutablePointer.update(repeating: value, count: count) }
}

extension Tensor: Equatable {
  /// Same shape and bit-equal order of values (NaN differs from itself, as in IEEE 754).
  package static func == (a: Tensor, b: Tensor) -> Bool {
    a.shape == b.shape && (0..<a.count).allSatisfy { a.pointer[$0] == b.pointer[$0] }
  }
}

/// Owner of a tensor's memory.
///
/// `@unchecked Sendable`: it is written only through `Tensor.mutablePointer`, after the reference was found unique.
private final class Storage: @unchecked Sendable {
  let base: UnsafeMutablePointer<Float>
  let count: Int

  init(count: Int) {
    self.count = count
    let raw = UnsafeMutableRawPointer.allocate(
      byteCount: max(count, 1) * MemoryLayout<Float>.stride, alignment: 64)
    base = raw.bindMemory(to: Float.self, capacity: max(count, 1))
    base.initialize(repeating: 0, count: count)
  }

  convenience init(copying other: Storage) {
    self.init(count: other.count)
    base.update(from: other.base, count: count)
  }

  deinit { UnsafeMutableRawPointer(base).deallocate() }
}
