import CDNNL
import CKernels
import Synchronization

/// Runs `body` on several threads at the same time, told which of how many it is. On each of them, it computes alone, and products
/// are as precise as on the calling thread. Where it needs pointers, `nonisolated(unsafe)` says that each part touches memory of its
/// own, or only reads.
package func share(among threads: Int, _ body: @Sendable (_ thread: Int, _ count: Int) -> Void) {
  guard threads > 1 else { return body(0, 1) }
  ThreadTeam.compute {
    withoutActuallyEscaping(body) { body in
      withUnsafePointer(to: Shared(body: body, bfloat: narrate_this_thread().pointee.bfloat)) { pointer in
        GOMP_parallel(
          { data in
            guard let shared = data?.assumingMemoryBound(to: Shared.self).pointee else { return }
            let thread = narrate_this_thread()
            let before = thread.pointee
            if before.team == 0 { blockSignalsOfWorker() }
            (thread.pointee.team, thread.pointee.bfloat) = (1, shared.bfloat)
            shared.body(Int(omp_get_thread_num()), Int(omp_get_num_threads()))
            (thread.pointee.team, thread.pointee.bfloat) = (before.team, before.bfloat)
          }, UnsafeMutableRawPointer(mutating: pointer), UInt32(threads), 0)
      }
    }
  }
}

/// What the threads of a team are given.
private struct Shared {
  let body: @Sendable (Int, Int) -> Void
  let bfloat: Int32
}

/// Runs `body` once for each part. Whoever is done takes the next part: the cores may not be equally free.
/// - Parameter threads: nil is the calling thread's team
package func share(parts: Int, among threads: Int? = nil, _ body: @Sendable (_ part: Int) -> Void) {
  let next = Atomic(0)
  share(among: min(threads ?? ThreadTeam.current.count, parts)) { _, _ in
    while true {
      let part = next.add(1, ordering: .relaxed).oldValue
      guard part < parts else { return }
      body(part)
    }
  }
}

/// Runs `body` on ranges of about `atOnce` rows that together are all of them, as many for each thread.
/// - Parameter threads: nil is the calling thread's team
package func share(
  rows: Int, atOnce: Int, among threads: Int? = nil, _ body: @Sendable (_ rows: Range<Int>) -> Void
) {
  let threads = threads ?? ThreadTeam.current.count
  let parts = min(rows, threads * max(1, rows / (threads * atOnce)))
  share(parts: parts, among: threads) { part in
    body(rows * part / parts..<rows * (part + 1) / parts)
  }
}
