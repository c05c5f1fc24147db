import CDNNL
import Compute
import Foundation
import Glibc
import Synchronization
import Tensors
import Testing

// What the handler may touch.
/// Whether the test's threads compute.
private let isComputing = Atomic(false)
/// Signals that one of them handled at such a time.
private let handledAmiss = Atomic(0)
/// All signals.
private let handled = Atomic(0)

/// oneDNN's products point the stack pointer into the heap: a handler's frame there would be written over weights.
@Suite struct SignalTests {
  private static let threads = 2

  /// A thread of a team.
  private struct Member {
    let thread: pthread_t
    /// Such as `1234/task/1236`, within `/proc`.
    let folder: String

    /// The calling thread.
    init() throws {
      thread = pthread_self()
      folder = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/thread-self")
    }

    /// Whether it blocks a signal: `SigBlk` of `proc(5)`.
    func blocks(_ signal: Int32) throws -> Bool {
      let status = try String(contentsOfFile: "/proc/\(folder)/status", encoding: .utf8)
      let title = "SigBlk:"
      let line = try #require(status.split(separator: "\n").first { $0.hasPrefix(title) })
      let mask = UInt64(line.dropFirst(title.count).trimmingCharacters(in: .whitespaces), radix: 16)
      return try #require(mask) & 1 << UInt64(signal - 1) != 0
    }
  }

  /// A signal is sent to each thread of a team, over and over, while it computes.
  @Test func noThreadThatComputesHandlesASignal() throws {
    var (action, before) = (sigaction(), sigaction())
    action.__sigaction_handler.sa_handler = { _ in
      handled.add(1, ordering: .relaxed)
      if isComputing.load(ordering: .relaxed) { handledAmiss.add(1, ordering: .relaxed) }
    }
    action.sa_flags = SA_RESTART
    sigaction(SIGUSR1, &action, &before)
    defer { sigaction(SIGUSR1, &before, nil) }
    let outcome = Mutex<Result<Void, any Error>?>(nil)
    let done = DispatchSemaphore(value: 0)
    // A thread of its own, so that its team is too. It handles signals, as a program's main thread does; tests run on threads
    // that do not.
    Thread.detachNewThread {
      var none = sigset_t()
      sigemptyset(&none)
      pthread_sigmask(SIG_SETMASK, &none, nil)
      let result = Result { try Self.computeUnderFire() }
      outcome.withLock { $0 = result }
      done.signal()
    }
    done.wait()
    try outcome.withLock { try $0?.get() }
    #expect(handledAmiss.load(ordering: .relaxed) == 0)
    #expect(handled.load(ordering: .relaxed) > 0, "they came when the calling thread was done")
  }

  private static func computeUnderFire() throws {
    var random = Optional(RandomGenerator(seed: 3))
    let (rows, columns, inner) = (96, 128, 3000)
    let a = Tensor(shape: [rows, inner], normal: 1, using: &random)
    let b = Tensor(shape: [inner, columns], normal: 1, using: &random)
    func product() -> [Float] {
      var c = Tensor(shape: [rows, columns])
      multiply(a.rows, b.rows, into: c.mutableRows)
      return c.values
    }
    // Somebody had this thread's team before, and its threads handle signals.
    GOMP_parallel({ _ in }, nil, UInt32(threads), 0)
    let team = ThreadTeam(threads)
    let expected = team.run { product() }
    let members = Mutex<[Member]>([])
    team.run {
      share(among: threads) { _, _ in
        members.withLock { members in
          if let member = try? Member() { members.append(member) }
        }
      }
    }
    let targets = members.withLock { $0 }
    let isOver = Atomic(false)
    let sender = DispatchSemaphore(value: 0)
    Thread.detachNewThread {
      while !isOver.load(ordering: .relaxed) {
        for target in targets { pthread_kill(target.thread, SIGUSR1) }
        usleep(50)
      }
      sender.signal()
    }
    let (results, blocked) = try team.run {
      isComputing.store(true, ordering: .relaxed)
      defer { isComputing.store(false, ordering: .relaxed) }
      return (Set((0..<100).map { _ in product() }), try targets.map { try $0.blocks(SIGUSR1) })
    }
    isOver.store(true, ordering: .relaxed)
    sender.wait()
    #expect(results == [expected])
    #expect(blocked == [Bool](repeating: true, count: threads))
    var mask = sigset_t()
    pthread_sigmask(SIG_BLOCK, nil, &mask)
    #expect(sigismember(&mask, SIGUSR1) == 0, "the calling thread is as it was")
  }
}
