import CKernels
import Tensors

/// What this machine can do at the most, measured: the roofs of the roofline model (Williams, Waterman and Patterson 2009).
package struct MachinePeak: Sendable {
  /// Floating-point operations a second, in a large product of matrices.
  package let operationsPerSecond: Double
  /// Bytes a second, read from memory in order.
  package let bytesPerSecond: Double

  /// Measures for about a second; the best of several.
  package init(threads: Int) {
    let side = 768
    var product = Tensor(shape: [side, side])
    let factor = Tensor(shape: [side, side], values: [Float](repeating: 0.5, count: side * side))
    let team = ThreadTeam(threads)
    let seconds = Self.best(of: 12) {
      team.run { multiply(factor.rows, factor.rows, into: product.mutableRows) }
    }
    operationsPerSecond = 2 * Double(side * side * side) / seconds
    let count = 48 << 20  // more than any cache holds
    let memory = UnsafeMutablePointer<Float>.allocate(capacity: count)
    defer { memory.deallocate() }
    memory.initialize(repeating: 1, count: count)
    nonisolated(unsafe) let read = UnsafePointer(memory)
    let reading = Self.best(of: 5) {
      team.run {
        share(among: threads) { thread, threads in
          let first = count * thread / threads
          _ = narrate_sum_of_squares(read + first, count * (thread + 1) / threads - first)
        }
      }
    }
    bytesPerSecond = Double(count * MemoryLayout<Float>.stride) / reading
  }

  private static func best(of rounds: Int, _ body: () -> Void) -> Double {
    let clock = ContinuousClock()
    return (0..<rounds).map { _ in clock.measure(body) / .seconds(1) }.min() ?? .infinity
  }
}
