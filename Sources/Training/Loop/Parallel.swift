import Compute
import Dispatch

/// Runs `body(0)` … `body(count - 1)` at the same time, each with products and primitives on one thread of its own.
///
/// The bodies must not touch what another one writes.
/// - Throws: the error of the lowest index that failed.
func parallel(_ count: Int, _ body: (Int) throws -> Void) throws {
  let failures = Failures(count: count)
  withoutActuallyEscaping(body) { body in
    let task = Task(body: body)
    DispatchQueue.concurrentPerform(iterations: count) { index in
      do {
        try ThreadTeam.single.run { try task.body(index) }
      } catch { failures.slots[index] = error }
    }
  }
  if let first = failures.slots.compactMap(\.self).first { throw first }
}

/// `@unchecked Sendable`: what the body shares between threads is its author's care, as `parallel` demands.
private struct Task: @unchecked Sendable {
  let body: (Int) throws -> Void
}

/// `@unchecked Sendable`: each thread writes its own place, and all are read after the last has ended.
private final class Failures: @unchecked Sendable {
  let slots: UnsafeMutableBufferPointer<(any Error)?>

  init(count: Int) {
    slots = .allocate(capacity: count)
    slots.initialize(repeating: nil)
  }

  deinit {
    slots.deinitialize()
    slots.deallocate()
  }
}
