import CDNNL
import Synchronization

/// Sets how many threads the primitives and products that the calling thread runs may use.
package func setThreadCount(_ count: Int) {
  precondition(count > 0)
  omp_set_num_threads(Int32(count))
}

/// How many threads the calling thread may use.
var threadCount: Int { Int(omp_get_max_threads()) }

/// Runs `body` on several threads at the same time, told which of how many it is. They are the threads that oneDNN's
/// primitives run on, which wait for work awake: a few microseconds' work is worth sharing.
package func share(among threads: Int, _ body: (_ thread: Int, _ count: Int) -> Void) {
  guard threads > 1 else { return body(0, 1) }
  withoutActuallyEscaping(body) { body in
    withUnsafePointer(to: body) { pointer in
      GOMP_parallel(
        { data in
          guard let data else { return }
          let body = data.assumingMemoryBound(to: ((Int, Int) -> Void).self).pointee
          body(Int(omp_get_thread_num()), Int(omp_get_num_threads()))
        }, UnsafeMutableRawPointer(mutating: pointer), UInt32(threads), 0)
    }
  }
}

/// Runs `body` once for each part. Whoever is done takes the next part: the cores may not be equally free.
/// - Parameter threads: nil is as many as the calling thread may use
package func share(parts: Int, among threads: Int? = nil, _ body: (_ part: Int) -> Void) {
  let next = Atomic(0)
  share(among: min(threads ?? threadCount, parts)) { _, _ in
    while true {
      let part = next.add(1, ordering: .relaxed).oldValue
      guard part < parts else { return }
      body(part)
    }
  }
}

/// Runs `body` on ranges of about `atOnce` rows that together are all of them, as many for each thread.
package func share(rows: Int, atOnce: Int, _ body: (_ rows: Range<Int>) -> Void) {
  let parts = min(rows, threadCount * max(1, rows / (threadCount * atOnce)))
  share(parts: parts) { part in body(rows * part / parts..<rows * (part + 1) / parts) }
}
