/// A tensor whose values are made when they are asked for, and not kept: weights in half precision that will be packed.
package struct LazyTensor: Sendable {
  package let shape: [Int]
  private let write: @Sendable (UnsafeMutablePointer<Float>) -> Void

  /// - Parameter write: sets all values, in row-major order
  package init(shape: [Int], write: @escaping @Sendable (UnsafeMutablePointer<Float>) -> Void) {
    (self.shape, self.write) = (shape, write)
  }

  /// A tensor that is there already.
  package init(_ tensor: Tensor) {
    self.init(shape: tensor.shape) { $0.update(from: tensor.pointer, count: tensor.count) }
  }

  package var count: Int { shape.reduce(1, *) }

  /// Makes the values for as long as `body` runs; aligned to 64 bytes.
  package func withValues<Result, Failure: Error>(
    _ body: (UnsafeMutablePointer<Float>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    let memory = UnsafeMutableRawPointer.allocate(
      byteCount: max(count, 1) * MemoryLayout<Float>.stride, alignment: 64)
    defer { memory.deallocate() }
    let values = memory.bindMemory(to: Float.self, capacity: count)
    write(values)
    return try body(values)
  }
}
