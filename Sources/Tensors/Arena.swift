/// Scratch memory for one worker: a stack of float buffers that is emptied at once and keeps its memory, so that a
/// loop with steady sizes allocates nothing. Not for sharing between threads.
package final class Arena {
  private var blocks: [UnsafeMutableRawPointer] = []
  private var capacities: [Int] = []
  private var block = 0
  private var used = 0

  package init() {}

  /// Bytes held.
  package var byteCount: Int { capacities.reduce(0, +) }

  /// Uninitialized floats, aligned to 64 bytes, valid until `reset` or the arena's end.
  package func floats(_ count: Int) -> UnsafeMutablePointer<Float> {
    memory(count * MemoryLayout<Float>.stride).bindMemory(to: Float.self, capacity: count)
  }

  /// Integers, not set.
  package func integers(_ count: Int) -> UnsafeMutablePointer<Int32> {
    memory(count * MemoryLayout<Int32>.stride).bindMemory(to: Int32.self, capacity: count)
  }

  private func memory(_ count: Int) -> UnsafeMutableRawPointer {
    let bytes = (max(count, 1) + 63) & ~63
    while block < blocks.count, used + bytes > capacities[block] {
      block += 1
      used = 0
    }
    if block == blocks.count {
      let capacity = max(bytes, 1 << 20)
      blocks.append(.allocate(byteCount: capacity, alignment: 64))
      capacities.append(capacity)
      used = 0
    }
    defer { used += bytes }
    return blocks[block] + used
  }

  /// Floats set to zero.
  package func zeros(_ count: Int) -> UnsafeMutablePointer<Float> {
    let base = floats(count)
    base.initialize(repeating: 0, count: count)
    return base
  }

  /// Takes all buffers back. Several blocks become one of their joint size, so that the next round fits in it.
  package func reset() {
    if blocks.count > 1 {
      let capacity = byteCount
      for block in blocks { block.deallocate() }
      blocks = [.allocate(byteCount: capacity, alignment: 64)]
      capacities = [capacity]
    }
    block = 0
    used = 0
  }

  deinit { for block in blocks { block.deallocate() } }
}
