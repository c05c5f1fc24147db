import Files
import Foundation
import Glibc
import Synchronization
import SystemPackage

// All that the signal handler touches.

/// Where messages go: standard error, as the caller has it.
private let messages = Atomic<Int32>(STDERR_FILENO)
/// A file without a name that takes what libraries say; -1 is none.
private let said = Atomic<Int32>(-1)
/// Whether the command is done with its work; a process that exits before is ended by a library.
private let isDone = Atomic<Bool>(false)
/// Whether a thread is ending the process.
private let isEnding = Atomic<Bool>(false)
/// The address of what is said last, for want of memory and for what may be that, each a line with a NUL after it.
private let shortage = Atomic<UInt>(0)
private let fault = Atomic<UInt>(0)

/// The last net under a run whose memory is limited (`ulimit -v`, `ulimit -d`): Swift and C++ end the process where an allocation
/// fails, OpenMP exits where it gets no thread, and C libraries may forget to ask. There such an end is one line and status 74. Without a limit the system does not refuse
/// memory, nothing of this is set up, and a crash is a crash.
enum LimitedMemory {
  /// What libraries print is kept back to the end meanwhile: the runtime's last words would be lines of their own.
  static func install(limits: [UInt64] = limits()) {
    guard let limit = limits.min() else { return }
    let limited = "limited to \(limit / 1024) kB (ulimit)\n"
    shortage.store(
      UInt(bitPattern: strdup("narrate: out of memory, which is \(limited)")), ordering: .relaxed)
    fault.store(
      UInt(bitPattern: strdup("narrate: broken off, most likely for want of memory, which is \(limited)")),
      ordering: .relaxed)
    keepBack()
    // Growth of the stack may be refused too: then there is none for the handler.
    var stack = stack_t()
    stack.ss_size = 1 << 16
    stack.ss_sp = UnsafeMutableRawPointer.allocate(byteCount: stack.ss_size, alignment: 64)
    sigaltstack(&stack, nil)
    for signal in [SIGABRT, SIGSEGV, SIGBUS, SIGILL, SIGTRAP] {
      var action = sigaction()
      action.__sigaction_handler.sa_handler = end
      action.sa_flags = CInt(SA_ONSTACK)
      sigaction(signal, &action, nil)
    }
  }

  /// The command has done its work, or failed in its own way: what exits from now on is this program.
  static func commandIsDone() { isDone.store(true, ordering: .relaxed) }

  /// Standard error for what this program says itself.
  static var standardError: FileDescriptor { FileDescriptor(rawValue: messages.load(ordering: .relaxed)) }

  /// Limits of address space and of data, in bytes, as far as there are any.
  static func limits() -> [UInt64] {
    [RLIMIT_AS, RLIMIT_DATA].compactMap { kind in
      var limit = rlimit()
      guard getrlimit(CInt(kind.rawValue), &limit) == 0, limit.rlim_cur != rlim_t.max else { return nil }
      return UInt64(limit.rlim_cur)
    }
  }

  private static func keepBack() {
    guard let file = try? TemporaryFile() else { return }
    let own = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3)
    guard own >= 0 else { return }
    guard dup2(file.number, STDERR_FILENO) >= 0 else { return }
    said.store(STDERR_FILENO, ordering: .relaxed)
    messages.store(own, ordering: .relaxed)
    atexit {
      guard isDone.load(ordering: .relaxed) else {
        LimitedMemory.end(saying: shortage.load(ordering: .relaxed))
      }
      LimitedMemory.passOn()
    }
  }

  /// Says what was kept back; system calls and atomics alone.
  private static func passOn() {
    let (from, to) = (said.load(ordering: .relaxed), messages.load(ordering: .relaxed))
    guard from >= 0 else { return }
    withUnsafeTemporaryAllocation(byteCount: 1024, alignment: 8) { buffer in
      var offset: off_t = 0
      while true {
        let count = pread(from, buffer.baseAddress, buffer.count, offset)
        guard count > 0 else { break }
        _ = write(to, buffer.baseAddress, count)
        offset += off_t(count)
      }
    }
  }

  /// The handler. Traps of this program's own are no want of memory, unless the runtime said so.
  private static let end: @convention(c) (CInt) -> Void = { signal in
    if (signal == SIGILL || signal == SIGTRAP) && !LimitedMemory.speaksOfMemory() {
      LimitedMemory.passOn()
      Glibc.signal(signal, SIG_DFL)
      raise(signal)
      return
    }
    let isSure = signal == SIGABRT || LimitedMemory.speaksOfMemory()
    LimitedMemory.end(saying: isSure ? shortage.load(ordering: .relaxed) : fault.load(ordering: .relaxed))
  }

  /// - Parameter line: the address of what is said
  private static func end(saying line: UInt) -> Never {
    // Where one thread gets no memory, others may not either: the first says it.
    if isEnding.exchange(true, ordering: .relaxed) {
      while true { pause() }
    }
    if let line = UnsafePointer<CChar>(bitPattern: line) {
      _ = write(messages.load(ordering: .relaxed), line, strlen(line))
    }
    _exit(RunStatus.inputOutputError.code)
  }

  /// Whether what was kept back has "alloc" in it, as the last words of Swift and C++ have.
  private static func speaksOfMemory() -> Bool {
    let from = said.load(ordering: .relaxed)
    guard from >= 0 else { return false }
    return withUnsafeTemporaryAllocation(byteCount: 1024, alignment: 8) { buffer in
      let count = pread(from, buffer.baseAddress, buffer.count, 0)
      guard count >= 5 else { return false }
      for start in 0..<(count - 4)
      where buffer[start] == 0x61 && buffer[start + 1] == 0x6C && buffer[start + 2] == 0x6C
        && buffer[start + 3] == 0x6F && buffer[start + 4] == 0x63
      {
        return true
      }
      return false
    }
  }
}
