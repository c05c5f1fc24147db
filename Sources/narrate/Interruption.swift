import Foundation
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
  /// To be called on the main thread, which the kernel lets handle the signals that a process is sent.
  package static func install() {
    signal(SIGPIPE, SIG_IGN)
    giveHandlersAStack()
    for number in [SIGINT, SIGTERM, SIGHUP] {
      var old = sigaction()
      sigaction(number, nil, &old)
      if unsafeBitCast(old.__sigaction_handler.sa_handler, to: Int.self)
        == unsafeBitCast(SIG_IGN, to: Int.self)
      {
        continue
      }
      handle(number) { caught.store($0, ordering: .relaxed) }
    }
  }

  /// Handles a signal once, on the thread's stack for handlers.
  package static func handle(_ number: Int32, by handler: @escaping @convention(c) (Int32) -> Void) {
    // Without SA_RESTART, so that a read that waits for standard input ends too.
    var new = sigaction()
    new.__sigaction_handler.sa_handler = handler
    new.sa_flags = Int32(bitPattern: UInt32(SA_RESETHAND)) | SA_ONSTACK
    sigaction(number, &new, nil)
  }

  /// Lets this thread's signal handlers have a stack of their own, for as long as the process lives.
  ///
  /// oneDNN's single-precision matrix product for AVX and AVX2, where it sums over more than some hundred values, points the
  /// stack pointer at its workspace in the heap. What the kernel and a handler then put on the stack is written over whatever
  /// lies below that: weights, for one.
  package static func giveHandlersAStack() {
    let size = 1 << 16
    var stack = stack_t()
    stack.ss_sp = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 64)
    stack.ss_size = size
    sigaltstack(&stack, nil)
  }

  /// - Throws: the exit status, once a signal was caught.
  package static func check() throws(RunStatus) {
    if let caughtSignal { throw RunStatus.interrupted(by: caughtSignal) }
  }
}
