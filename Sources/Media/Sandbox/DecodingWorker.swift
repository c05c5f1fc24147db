import CSandbox
import Glibc

/// The other side of `DecodingSandbox`: a process that decodes what it is handed, can open nothing itself, and answers with
/// pixels.
package struct DecodingWorker: ~Copyable {
  /// The word that makes a process one, in front of the other arguments.
  package static let argument = "(decode)"
  /// Where its socket and the memory for pixels are.
  private static let socket: CInt = 3
  private static let memoryDescriptor: CInt = 4

  private let memory: UnsafeMutableRawBufferPointer
  private var video: VideoReader?

  /// What it can decode: the libraries for that are loaded before it is confined.
  enum Libraries: String { case usual, all }

  /// Becomes a worker.
  /// - Parameter arguments: those that it was started with, after the program's name
  package static func run(_ arguments: [String]) -> Never {
    guard arguments.count == 3, let libraries = Libraries(rawValue: arguments[1]),
      let limit = Int(arguments[2]), limit > 0, let memory = shared()
    else { _exit(EX_USAGE) }
    // Ctrl-C is for the process that started it.
    for number in [SIGINT, SIGQUIT, SIGTSTP] { signal(number, SIG_IGN) }
    let isLimited = restrict(memory: limit)
    libraries.load()
    let reason =
      narrate_confine().map { String(cString: $0) } ?? (isLimited ? nil : "its limits cannot be set")
    narrate_end_with(socket)
    var worker = DecodingWorker(memory: memory, video: nil)
    var greeting = Message()
    greeting.append(reason ?? "")
    if send(greeting), reason == nil { worker.serve() }
    _exit(0)
  }

  private static func shared() -> UnsafeMutableRawBufferPointer? {
    var status = stat()
    guard fstat(memoryDescriptor, &status) == 0, status.st_size > 0,
      let memory = mmap(
        nil, Int(status.st_size), PROT_READ | PROT_WRITE, MAP_SHARED, memoryDescriptor, 0),
      memory != MAP_FAILED
    else { return nil }
    return UnsafeMutableRawBufferPointer(start: memory, count: Int(status.st_size))
  }

  /// - Parameter memory: bytes of its own
  /// - Returns: whether all limits were set
  private static func restrict(memory: Int) -> Bool {
    let limits = [
      (RLIMIT_DATA, memory), (RLIMIT_CORE, 0), (RLIMIT_FSIZE, 0), (RLIMIT_NOFILE, 64),
      // For one that nobody ends any more.
      (RLIMIT_CPU, 12_000),
    ]
    return limits.allSatisfy { kind, value in
      var limit = rlimit()
      guard getrlimit(CInt(kind.rawValue), &limit) == 0 else { return false }
      limit.rlim_max = min(limit.rlim_max, rlim_t(value))
      limit.rlim_cur = min(limit.rlim_cur, limit.rlim_max)
      return setrlimit(CInt(kind.rawValue), &limit) == 0
    }
  }

  private static func send(_ message: Message) -> Bool {
    narrate_send(socket, message.bytes, message.bytes.count, -1) == message.bytes.count
  }

  /// Answers until the other side is gone.
  private mutating func serve() {
    var bytes = [UInt8](repeating: 0, count: Message.limit)
    while true {
      var descriptor: CInt = -1
      let count = narrate_receive(Self.socket, &bytes, bytes.count, -1, &descriptor)
      guard count > 0 else { return }
      var reader = MessageReader(bytes[..<count])
      guard let request = try? WorkerRequest(&reader) else { return }
      var answer = Message()
      do throws(MediaError) {
        answer.append(true)
        try perform(request, descriptor, &answer)
      } catch {
        answer = Message()
        answer.append(false)
        error.append(to: &answer)
      }
      guard Self.send(answer) else { return }
    }
  }

  private mutating func perform(_ request: WorkerRequest, _ descriptor: CInt, _ answer: inout Message)
    throws(MediaError)
  {
    switch request {
    case .still(let options):
      let picture = try Picture(RegularFile(descriptor: descriptor), options: options)
      try write(picture.image, &answer)
      answer.append(picture.width)
      answer.append(picture.height)
      answer.append(picture.isDamaged)
    case .video(let options):
      video = nil
      let opened = try VideoReader(RegularFile(descriptor: descriptor), options: options)
      opened.facts.append(to: &answer)
      opened.position.append(to: &answer)
      video = opened
    case .advance:
      answer.append(try opened().advance())
      try opened().position.append(to: &answer)
    case .image(let side): try write(opened().image(coveringSide: side), &answer)
    case .skip(let time): answer.append(try opened().skip(to: time))
    case .close: video = nil
    }
  }

  private func opened() throws(MediaError) -> VideoReader {
    guard let video else { throw .undecodable(path: "", reason: "no video is open") }
    return video
  }

  private func write(_ image: Image, _ answer: inout Message) throws(MediaError) {
    guard image.pixels.count <= memory.count else {
      throw .tooLarge(
        path: "",
        reason: "\(image.width)×\(image.height) pixels take \(image.pixels.count >> 20) MB; the limit is "
          + "\(memory.count >> 20)")
    }
    memory.copyBytes(from: image.pixels)
    answer.append(image.width)
    answer.append(image.height)
  }
}

extension DecodingWorker.Libraries {
  /// What decodes a kind of file.
  init(_ kind: MediaKind?) { self = kind == .jpeg || kind == .png ? .usual : .all }

  /// Loads them, as far as they are installed: who lacks one hears of it when a file needs it.
  fileprivate func load() {
    _ = try? StillLibraries.littleCMS.loaded(path: "")
    guard self == .all else { return }
    _ = try? requireFFmpeg(path: "")
    _ = try? StillLibraries.tiff.loaded(path: "")
    _ = try? StillLibraries.webP.loaded(path: "")
    _ = try? StillLibraries.raw.loaded(path: "")
    // Has plugins, which it looks for when first it is used.
    if let heif = try? StillLibraries.heif.loaded(path: ""), let context = heif.heif_context_alloc() {
      heif.heif_context_free(context)
    }
  }
}
