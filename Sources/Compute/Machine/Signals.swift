import CKernels
import Glibc

/// What a thread's own mistakes raise: to block these would only hide where it was.
private let raisedByTheThread = [SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGABRT, SIGSYS]

/// From now on the calling thread handles no signals, nor do the threads that it makes. For oneDNN's matrix products point the
/// stack pointer at their workspace in the heap while they sum over many values: what the kernel and a handler put on the stack
/// then is written over whatever lies below, weights for one. A signal to the process is handled by another thread, or waits.
/// - Returns: what the thread blocked before
@discardableResult
func blockSignals() -> sigset_t {
  var (blocked, before) = (sigset_t(), sigset_t())
  sigfillset(&blocked)
  for signal in raisedByTheThread { sigdelset(&blocked, signal) }
  pthread_sigmask(SIG_BLOCK, &blocked, &before)
  return before
}

/// The same for a thread of an OpenMP team, which does nothing but compute: once is enough.
func blockSignalsOfWorker() {
  let thread = narrate_this_thread()
  guard thread.pointee.team == 0, thread.pointee.workers == 0 else { return }
  blockSignals()
  thread.pointee.workers = 1
}
