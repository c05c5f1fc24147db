import Glibc

/// The descriptors 0, 1 and 2.
enum StandardStreams {
  /// Opens those that the caller closed (`>&-`), before anything else is opened: the next file would get their numbers, and be
  /// read as input, or results and messages would be written into it. They become `/dev/null`, opened the other way round: what is
  /// done with them fails with "bad file descriptor", as if they were closed still.
  static func open() {
    for (number, mode) in [(STDIN_FILENO, O_WRONLY), (STDOUT_FILENO, O_RDONLY), (STDERR_FILENO, O_RDONLY)] {
      guard fcntl(number, F_GETFD) < 0, errno == EBADF else { continue }
      // The lowest free number is this one, as those below are open by now.
      guard Glibc.open("/dev/null", mode) == number else { _exit(RunStatus.inputOutputError.code) }
    }
  }
}
