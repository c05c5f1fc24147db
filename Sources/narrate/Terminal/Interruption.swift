import Foundation
import Reports
import Synchronization

/// The signal that came, or 0, and when, in milliseconds: all that a signal handler may touch.
private let caught = Atomic<Int32>(0)
private let caughtAt = Atomic<Int>(0)

/// Ctrl-C and its like: the work ends at the next picture, so that what is printed is whole.
package enum Interruption {
  /// The signal that asked for an end, if one did.
  package static var caughtSignal: Int32? {
    let number = caught.load(ordering: .relaxed)
    return number == 0 ? nil : number
  }

  /// From now on the first signal is noted, and one that comes a second later or more ends the process at once; sooner, it is the
  /// same again, as where a whole group of processes is told to end. A signal that the
  /// caller had ignored (`nohup`, a job in the background) stays so. A reader that goes away (`| head -1`) is
  /// an error of the write from now on, not the end of the process.
  ///
  /// A thread that does nothing else handles the signals; this one, and those that it makes from now on, block them. Threads that
  /// compute do so anyway (`ThreadTeam`), but somebody must be there to handle a signal while they do.
  package static func install() {
    signal(SIGPIPE, SIG_IGN)
    var handled = sigset_t()
    sigemptyset(&handled)
    for number in [SIGINT, SIGTERM, SIGHUP] {
      var old = sigaction()
      sigaction(number, nil, &old)
      if unsafeBitCast(old.__sigaction_handler.sa_handler, to: Int.self)
        == unsafeBitCast(SIG_IGN, to: Int.self)
      {
        continue
      }
      var new = sigaction()
      new.__sigaction_handler.sa_handler = note
      sigaction(number, &new, nil)
      sigaddset(&handled, number)
    }
    pthread_sigmask(SIG_BLOCK, &handled, nil)
    let signals = handled
    Thread.detachNewThread {
      var signals = signals
      pthread_sigmask(SIG_UNBLOCK, &signals, nil)
      while true { pause() }
    }
  }

  /// The handler; nothing but system calls and atomics.
  private static let note: @convention(c) (Int32) -> Void = { number in
    var now = timespec()
    clock_gettime(CLOCK_MONOTONIC, &now)
    let milliseconds = now.tv_sec * 1000 + now.tv_nsec / 1_000_000
    if caught.load(ordering: .relaxed) == 0 {
      caughtAt.store(milliseconds, ordering: .relaxed)
      caught.store(number, ordering: .relaxed)
    } else if milliseconds - caughtAt.load(ordering: .relaxed) >= 1000 {
      signal(number, SIG_DFL)
      raise(number)
    }
  }

  /// - Throws: the exit status, once a signal was caught.
  package static func check() throws(RunStatus) {
    if let caughtSignal { throw RunStatus.interrupted(by: caughtSignal) }
  }
}
