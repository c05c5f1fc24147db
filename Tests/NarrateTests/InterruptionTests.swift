import Foundation
import Synchronization
import Testing
import narrate

private let place = Atomic<UInt>(0)
private let stackStart = Atomic<UInt>(0)
private let stackSize = Atomic<UInt>(0)

/// A handler on the thread's own stack would write over the heap while oneDNN has the stack pointer there.
@Test func signalHandlersHaveAStackOfTheirOwn() {
  let ended = DispatchSemaphore(value: 0)
  Thread.detachNewThread {
    Interruption.giveHandlersAStack()
    Interruption.handle(SIGUSR2) { _ in
      var local = 0
      withUnsafePointer(to: &local) { place.store(UInt(bitPattern: $0), ordering: .relaxed) }
    }
    var signals = sigset_t()
    sigemptyset(&signals)
    sigaddset(&signals, SIGUSR2)
    pthread_sigmask(SIG_UNBLOCK, &signals, nil)
    raise(SIGUSR2)
    var stack = stack_t()
    sigaltstack(nil, &stack)
    stackStart.store(UInt(bitPattern: stack.ss_sp), ordering: .relaxed)
    stackSize.store(UInt(stack.ss_size), ordering: .relaxed)
    ended.signal()
  }
  ended.wait()
  let (start, size) = (stackStart.load(ordering: .relaxed), stackSize.load(ordering: .relaxed))
  #expect((start..<start + size).contains(place.load(ordering: .relaxed)))
}
