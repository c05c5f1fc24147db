import CDNNL
import CKernels
import Glibc

/// Threads that compute one thing together: as many as oneDNN's primitives, products and `share` may use. Whoever has
/// work owns a team, as an encoder does, and does the work in `run`; what computes takes the team that it finds itself in.
///
/// OpenMP runs a team, and keeps its threads for each thread that calls it. They wait for work awake: a few microseconds'
/// work is worth sharing. Threads of our own (`parallelStream`) do several things at the same time, each with a team.
package struct ThreadTeam: Sendable, Equatable {
  package let count: Int

  /// What threads of our own have for their stack: as the main thread's usually is, since decoders of pictures and films run on
  /// them.
  package static var stackByteCount: Int { 8 << 20 }

  /// - Parameter count: the calling thread among them
  package init(_ count: Int) {
    precondition(count > 0)
    self.count = count
  }

  /// One thread alone: small work, or work that others do at the same time.
  package static let single = ThreadTeam(1)

  /// The team that the calling thread computes with; outside of `run`, that thread alone.
  package static var current: ThreadTeam { ThreadTeam(max(1, Int(narrate_this_thread().pointee.team))) }

  /// Computes with this team, and leaves the calling thread as it was. In `body`, and on all threads of the team, no signal
  /// is handled.
  package func run<Result, Failure>(_ body: () throws(Failure) -> Result) throws(Failure) -> Result {
    let scope = Scope(self)
    defer { scope.end() }
    return try body()
  }

  /// Computes with the team that the calling thread is in, or else alone.
  static func compute<Result>(_ body: () -> Result) -> Result {
    narrate_this_thread().pointee.team > 0 ? body() : single.run(body)
  }
}

/// From the beginning to the end of `ThreadTeam.run`.
private struct Scope {
  private let teamBefore: Int32
  private let openMPBefore: Int32
  /// Of the calling thread, if it did not compute before.
  private let maskBefore: sigset_t?

  init(_ team: ThreadTeam) {
    let thread = narrate_this_thread()
    (teamBefore, openMPBefore) = (thread.pointee.team, omp_get_max_threads())
    maskBefore = teamBefore == 0 ? blockSignals() : nil
    thread.pointee.team = Int32(team.count)
    omp_set_num_threads(Int32(team.count))
    guard team.count > max(1, thread.pointee.workers) else { return }
    // Those that OpenMP makes from now on block what this thread does, but some may be there, made for somebody else.
    GOMP_parallel({ _ in blockSignalsOfWorker() }, nil, UInt32(team.count), 0)
    thread.pointee.workers = Int32(team.count)
  }

  func end() {
    omp_set_num_threads(openMPBefore)
    narrate_this_thread().pointee.team = teamBefore
    if var maskBefore { pthread_sigmask(SIG_SETMASK, &maskBefore, nil) }
  }
}
