import CDNNL
import Compute
import Foundation
import Synchronization
import Tensors
import Testing

@Suite struct ThreadTeamTests {
  private struct Broken: Error {}

  @Test func aTeamIsThereForItsScopeAlone() throws {
    let before = omp_get_max_threads()
    #expect(ThreadTeam.current == .single)
    ThreadTeam(3).run {
      #expect(ThreadTeam.current.count == 3 && omp_get_max_threads() == 3)
      ThreadTeam(2).run { #expect(ThreadTeam.current.count == 2 && omp_get_max_threads() == 2) }
      #expect(throws: Broken.self) { try ThreadTeam.single.run { () throws(Broken) in throw Broken() } }
      #expect(ThreadTeam.current.count == 3 && omp_get_max_threads() == 3)
    }
    #expect(ThreadTeam.current == .single && omp_get_max_threads() == before)
    let (two, three) = (Tensor(shape: [1, 1], values: [2]), Tensor(shape: [1, 1], values: [3]))
    var product = Tensor(shape: [1, 1])
    multiply(two.rows, three.rows, into: product.mutableRows)
    #expect(product.values == [6] && omp_get_max_threads() == before)
  }

  /// Whoever shares work computes alone on each thread; what is shared again there stays on it.
  @Test func workIsSharedOnce() {
    let outer = Mutex<Set<Int>>([])
    let inner = Mutex<[Int]>([])
    ThreadTeam(3).run {
      share(among: 3) { thread, count in
        #expect(count == 3 && ThreadTeam.current == .single)
        outer.withLock { _ = $0.insert(thread) }
        share(parts: 4) { part in inner.withLock { $0.append(part) } }
      }
      #expect(ThreadTeam.current.count == 3)
    }
    #expect(outer.withLock { $0 } == [0, 1, 2])
    #expect(inner.withLock { $0.sorted() } == [0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3])
  }

  @Test(arguments: [1, 2, 5]) func rowsAreSharedWholly(threads: Int) {
    for rows in [1, 7, 100] {
      let done = Mutex([Int](repeating: 0, count: rows))
      ThreadTeam(threads).run {
        share(rows: rows, atOnce: 8) { range in done.withLock { done in for row in range { done[row] += 1 } }
        }
      }
      #expect(done.withLock { $0.allSatisfy { $0 == 1 } })
    }
  }
}
