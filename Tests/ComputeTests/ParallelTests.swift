import CDNNL
import Compute
import Foundation
import Synchronization
import Testing

@Suite struct ParallelTests {
  private struct Broken: Error, Equatable {
    var item = 0
  }

  /// Takes longer for some than for those after them.
  @Sendable private static func slowly(_ item: Int) -> Int {
    Thread.sleep(forTimeInterval: item % 5 == 0 ? 0.02 : 0.001)
    return item * item
  }

  private static let items = Array(0..<40)

  @Test(arguments: [1, 2, 5, 60]) func resultsComeInOrder(workers: Int) throws {
    var received: [Int] = []
    parallelStream(
      Self.items, by: [Void](repeating: (), count: workers), check: {},
      work: { _, item in Self.slowly(item) },
      receive: { item, output in
        #expect(output == item * item)
        received.append(item)
      })
    #expect(received == Self.items)
    #expect(parallelMap(Self.items, threads: workers, work: Self.slowly) == Self.items.map { $0 * $0 })
  }

  /// Items that come as they are asked for, by one thread at a time.
  @Test(arguments: [1, 2, 5]) func itemsMayBeMadeMeanwhile(workers: Int) throws {
    let made = Atomic(0)
    let isAsked = Atomic(false)
    let pool: [Void] = Array(repeating: (), count: workers)
    let next: (() -> Bool) -> Int? = { _ in
      let wasAsked = isAsked.exchange(true, ordering: .relaxed)
      #expect(!wasAsked)
      defer { isAsked.store(false, ordering: .relaxed) }
      let item = made.add(1, ordering: .relaxed).oldValue
      return item < 40 ? item : nil
    }
    var received: [Int] = []
    parallelStream(
      from: next, by: pool, check: {}, work: { _, item in Self.slowly(item) },
      receive: { item, output in
        #expect(output == item * item)
        received.append(item)
      })
    #expect(received == Self.items)

    made.store(0, ordering: .relaxed)
    received = []
    #expect(throws: Broken(item: 12)) {
      try parallelStream(
        from: { (isWanted) throws(Broken) in
          guard let item = next(isWanted), item < 12 else { throw Broken(item: 12) }
          return item
        }, by: pool, check: { () throws(Broken) in },
        work: { (_, item) throws(Broken) in Self.slowly(item) },
        receive: { (item, _) throws(Broken) in received.append(item) })
    }
    #expect(received == Array(0..<12))
  }

  /// Whoever waits for an item that never comes is told that nobody wants it any more.
  @Test func waitingForAnItemEnds() {
    let made = Atomic(0)
    #expect(throws: Broken.self) {
      try parallelStream(
        from: { isWanted -> Int? in
          guard made.add(1, ordering: .relaxed).oldValue > 0 else { return 0 }
          while isWanted() { Thread.sleep(forTimeInterval: 0.001) }
          return nil
        }, by: [(), ()], check: {}, work: { _, item in item }, receive: { _, _ in throw Broken() })
    }
  }

  @Test func nothingToDoIsDoneAtOnce() {
    parallelStream(
      [Int](), by: [(), ()], check: {}, work: { _, item in Self.slowly(item) },
      receive: { _, _ in Issue.record("received something") })
    let none = parallelMap(
      [Int](), by: [(), ()], chunk: 1, progress: { _ in Issue.record("there is no progress") },
      work: { _, item in Self.slowly(item) })
    #expect(none == [])
  }

  /// A worker is in no two hands at a time, and computes alone; the calling thread stays as it was.
  @Test(arguments: [1, 3]) func eachWorkerHasAThread(count: Int) {
    final class Worker {
      var (thread, isBusy) = (pthread_t(0), false)
    }
    let before = omp_get_max_threads()
    let workers = (0..<count).map { _ in Worker() }
    let results = parallelMap(
      Self.items, by: workers, chunk: .max, progress: { _ in },
      work: { worker, item in
        #expect(!worker.isBusy)
        worker.isBusy = true
        defer { worker.isBusy = false }
        let thread = pthread_self()
        #expect(worker.thread == 0 || worker.thread == thread)
        worker.thread = thread
        _ = Self.slowly(item)
        ThreadTeam(2).run { #expect(omp_get_max_threads() == 2) }
        return ThreadTeam.current == .single && omp_get_max_threads() == 1
      })
    #expect(results == [Bool](repeating: true, count: Self.items.count))
    #expect(ThreadTeam.current == .single && omp_get_max_threads() == before)
    let ownThreads = workers.count { $0.thread != pthread_self() }
    #expect(ownThreads == (count == 1 ? 0 : count))
  }

  @Test(arguments: [1, 3]) func theFirstErrorWaitsForItsTurn(workers: Int) {
    var received: [Int] = []
    // The later ones fail sooner.
    let work: @Sendable (Void, Int) throws(Broken) -> Int = { _, item throws(Broken) in
      if item > 12 { throw Broken(item: item) }
      let result = Self.slowly(item)
      if item == 12 { throw Broken(item: item) }
      return result
    }
    let pool: [Void] = Array(repeating: (), count: workers)
    #expect(throws: Broken(item: 12)) {
      try parallelStream(
        Self.items, by: pool, check: { () throws(Broken) in }, work: work,
        receive: { (item, _) throws(Broken) in received.append(item) })
    }
    #expect(received == Array(0..<12))
    #expect(throws: Broken(item: 12)) {
      try parallelMap(
        Self.items, threads: workers, work: { item throws(Broken) in try work((), item) })
    }
  }

  @Test(arguments: [1, 3]) func theReceiverAndTheCheckCanStopIt(workers: Int) {
    let begun = Atomic(0)
    let many = Array(0..<1000)
    let pool: [Void] = Array(repeating: (), count: workers)
    let work: @Sendable (Void, Int) throws -> Int = { _, item in
      begun.add(1, ordering: .relaxed)
      return Self.slowly(item)
    }
    #expect(throws: Broken.self) {
      try parallelStream(
        many, by: pool, check: {}, work: work, receive: { item, _ in if item == 3 { throw Broken() } })
    }
    // Nobody runs any more, and nobody ran far ahead.
    let count = begun.load(ordering: .relaxed)
    #expect(count <= 4 + 5 * workers)
    Thread.sleep(forTimeInterval: 0.05)
    #expect(begun.load(ordering: .relaxed) == count)

    var checks = 0
    #expect(throws: Broken.self) {
      try parallelStream(
        many, by: pool,
        check: {
          checks += 1
          if checks == 5 { throw Broken() }
        }, work: work, receive: { _, _ in })
    }
  }

  @Test(arguments: [1, 3]) func progressIsToldByTheChunkAndCanStopIt(workers: Int) {
    var told: [Int] = []
    let pool: [Void] = Array(repeating: (), count: workers)
    parallelMap(
      Self.items, by: pool, chunk: 16, progress: { told.append($0) }, work: { Self.slowly($1) })
    #expect(told == [16, 32, 40])
    told = []
    #expect(throws: Broken.self) {
      try parallelMap(
        Self.items, by: pool, chunk: 16,
        progress: {
          told.append($0)
          if $0 == 32 { throw Broken() }
        }, work: { Self.slowly($1) })
    }
    #expect(told == [16, 32])
  }

  /// Work within work: each has threads of its own.
  @Test func workMayBeNested() {
    let found = parallelMap(
      Array(0..<4), threads: 2,
      work: { row in parallelMap(Array(0..<3), threads: 2, work: { 10 * row + $0 }) })
    #expect(found == (0..<4).map { row in (0..<3).map { 10 * row + $0 } })
  }
}
