import Foundation
import Reports
import Synchronization

/// The signal that came, or 0: all that a signal handler may touch.
private let caught = Atomic<Int32>(0)

/// Ctrl-C and its like: the work ends at the next picture, so that what is printed is whole.
package enum Interruption {
  /// The signal that asked for an end, if one did.
  package static var caughtSignal: Int32? {
    let number = caught.load(ordering: .relaxed)
    return number == 0 ? nil : number
  }

  /// From now on the first signal is noted, and the second one ends the process at once. A signal that the
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
      new.__sigaction_handler.sa_handler = { caught.store($0, ordering: .relaxed) }
      new.sa_flags = Int32(bitPattern: UInt32(SA_RESETHAND))
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

  /// - Throws: the exit status, once a signal was caught.
  package static func check() throws(RunStatus) {
    if let caughtSignal { throw RunStatus.interrupted(by: caughtSignal) }
  }
}
