import CSandbox
import Glibc

/// A confined process, as the one that started it sees it. Its only owner; with it the process ends.
///
/// `@unchecked Sendable`: whoever has taken it from the sandbox is alone with it until it is given back.
final class WorkerProcess: @unchecked Sendable {
  /// Bytes of the pixels of one picture, at most.
  static let pixelMemory = 256 << 20

  let libraries: DecodingWorker.Libraries
  let process: pid_t
  /// Files that it was handed so far.
  private(set) var files = 0
  private let socket: CInt
  private let memory: UnsafeMutableRawPointer
  private let memoryDescriptor: CInt
  private let limits: DecodingSandbox.Limits
  private var received = [UInt8](repeating: 0, count: Message.limit)
  /// How it ended, as `waitpid` tells; nil while it runs.
  private var status: CInt?

  /// Starts one.
  /// - Parameter program: the executable, which becomes a worker by its first argument
  init(program: String, _ libraries: DecodingWorker.Libraries, _ limits: DecodingSandbox.Limits)
    throws(SandboxError)
  {
    (self.libraries, self.limits) = (libraries, limits)
    var (one, other, process) = (-1 as CInt, -1 as CInt, -1 as pid_t)
    var code = narrate_socket_pair(&one, &other)
    let descriptor = code == 0 ? narrate_shared_memory(Self.pixelMemory) : -1
    if code == 0, descriptor < 0 { code = errno }
    let mapped = code == 0 ? mmap(nil, Self.pixelMemory, PROT_READ, MAP_SHARED, descriptor, 0) : MAP_FAILED
    if code == 0, mapped == MAP_FAILED { code = errno }
    if code == 0 {
      code = narrate_start(
        program, DecodingWorker.argument, libraries.rawValue, String(limits.memory), other, descriptor,
        &process)
    }
    if other >= 0 { close(other) }
    guard code == 0, let mapped else {
      if one >= 0 { close(one) }
      if descriptor >= 0 { close(descriptor) }
      if let mapped, mapped != MAP_FAILED { munmap(mapped, Self.pixelMemory) }
      throw SandboxError(reason: String(cString: strerror(code)))
    }
    (socket, memory, memoryDescriptor, self.process) = (one, mapped, descriptor, process)
  }

  deinit {
    end()
    munmap(memory, Self.pixelMemory)
    close(memoryDescriptor)
    close(socket)
  }

  /// Waits until it is confined.
  func greet() throws(SandboxError) {
    var reason = "its process ended"
    if var reader = receive(), let said = try? reader.text() { reason = said.withoutControls }
    if !reason.isEmpty { throw SandboxError(reason: reason) }
  }

  /// Asks for something about a file, and waits.
  /// - Parameters:
  ///   - descriptor: of the file, where the request takes one; -1 is none
  ///   - read: reads the answer
  /// - Throws: `MediaError` with the path given: the worker's own, and where it crashed, wants too much memory or takes too long.
  func ask<Answer>(
    _ request: WorkerRequest, _ descriptor: CInt = -1, path: String,
    _ read: (inout MessageReader) throws(Gibberish) -> Answer
  ) throws(MediaError) -> Answer {
    if descriptor >= 0 { files += 1 }
    let bytes = request.message.bytes
    guard status == nil, narrate_send(socket, bytes, bytes.count, descriptor) == bytes.count,
      var reader = receive()
    else {
      throw failure(path: path, isLate: status == nil && errno == ETIMEDOUT)
    }
    let outcome: Result<Answer, MediaError>
    do throws(Gibberish) {
      outcome =
        try reader.bool() ? .success(try read(&reader)) : .failure(try MediaError(&reader, path: path))
    } catch {
      end()
      outcome = .failure(.undecodable(path: path, reason: "its decoder says what makes no sense"))
    }
    return try outcome.get()
  }

  /// The picture that came with an answer. The worker could change pixels at the same moment, but no more than that: they are
  /// copied once.
  func image(_ reader: inout MessageReader) throws(Gibberish) -> Image {
    let (width, height) = (try reader.integer(), try reader.integer())
    guard (1...Self.pixelMemory).contains(width), (1...Self.pixelMemory).contains(height),
      width * height * 3 <= Self.pixelMemory
    else { throw Gibberish() }
    let pixels = [UInt8](UnsafeRawBufferPointer(start: memory, count: width * height * 3))
    // What a large picture took is given back.
    if pixels.count > 16 << 20 {
      narrate_empty(memoryDescriptor, Self.pixelMemory)
    }
    return Image(width: width, height: height, pixels: pixels)
  }

  /// Whether it can be handed another file.
  var isAlive: Bool {
    if status == nil {
      var ended: CInt = 0
      if waitpid(process, &ended, WNOHANG) == process { status = ended }
    }
    return status == nil
  }

  private func receive() -> MessageReader? {
    let milliseconds = CInt(clamping: Int(bounded: limits.seconds * 1000))
    let count = narrate_receive(socket, &received, received.count, milliseconds, nil)
    return count > 0 ? MessageReader(received[..<count]) : nil
  }

  /// Ends it, if it still runs.
  private func end() {
    guard status == nil else { return }
    kill(process, SIGKILL)
    var ended: CInt = 0
    while waitpid(process, &ended, 0) < 0, errno == EINTR {}
    status = ended
  }

  private func failure(path: String, isLate: Bool) -> MediaError {
    end()
    // What may go better another time is no fault of the file's.
    if isLate {
      return .unreadable(path: path, reason: "its decoder took more than \(Int(bounded: limits.seconds)) s")
    }
    let signal = (status ?? 0) & 0x7F
    let how = signal == 0 ? "ended" : "ended by signal \(signal) (\(String(cString: strsignal(signal))))"
    if signal == SIGKILL { return .unreadable(path: path, reason: "its decoder was killed") }
    return .undecodable(
      path: path, reason: "its decoder crashed, or took more than \(limits.memory >> 20) MB: it \(how)")
  }
}
