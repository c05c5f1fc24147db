import CSandbox
import Glibc
import Synchronization

/// Why files cannot be decoded in confined processes.
package struct SandboxError: Error, Equatable, CustomStringConvertible {
  package let reason: String

  package var description: String { "no confined process for decoding (--sandbox): \(reason)" }
}

/// Decodes pictures and videos in processes of their own that can open no file, no socket and no program (seccomp), take a bounded
/// amount of memory, and hand back pixels alone: a file that makes its decoder crash, or takes it over, is one input that fails.
///
/// Files are opened here, and their descriptors handed over. A process decodes one file at a time and `Limits.files` of them one
/// after the other, since starting it takes longer than most pictures.
package final class DecodingSandbox: Sendable {
  /// What a confined process may take.
  package struct Limits: Sendable {
    /// Bytes of memory of its own.
    package var memory = 400 << 20
    /// For one answer: a picture, a frame.
    package var seconds = 60.0
    /// Files until another process takes its place.
    package var files = 200

    package init() {}
  }

  private let program: String
  private let limits: Limits
  private let idle = Mutex<[WorkerProcess]>([])

  /// - Parameter program: the executable that becomes a worker; by default the one that runs
  /// - Throws: `SandboxError` where the system, or this process, is not able to confine one.
  package init(program: String = "/proc/self/exe", limits: Limits = Limits()) throws(SandboxError) {
    (self.program, self.limits) = (program, limits)
    // Where they are ignored, nobody could tell how a process ended.
    signal(SIGCHLD, SIG_DFL)
    give(try start(.usual))
  }

  private static let used = Mutex<DecodingSandbox?>(nil)

  /// What all of this process's pictures and videos are decoded in from now on; nil is this process itself. One setting for all,
  /// so that no file slips through.
  package static var current: DecodingSandbox? {
    get { used.withLock { $0 } }
    set { used.withLock { $0 = newValue } }
  }

  /// Processes that wait for files.
  package var idleProcesses: [pid_t] { idle.withLock { $0.map(\.process) } }

  private func start(_ libraries: DecodingWorker.Libraries) throws(SandboxError) -> WorkerProcess {
    let worker = try WorkerProcess(program: program, libraries, limits)
    try worker.greet()
    return worker
  }

  /// A process that nobody else has meanwhile.
  private func take(_ kind: MediaKind?, path: String) throws(MediaError) -> WorkerProcess {
    let libraries = DecodingWorker.Libraries(kind)
    while true {
      let found = idle.withLock { idle in
        idle.lastIndex { $0.libraries == libraries }.map { idle.remove(at: $0) }
      }
      guard let found else { break }
      if found.isAlive { return found }
    }
    do {
      return try start(libraries)
    } catch {
      throw .unreadable(path: path, reason: error.description)
    }
  }

  func give(_ worker: WorkerProcess) {
    if worker.isAlive, worker.files < limits.files { idle.withLock { $0.append(worker) } }
  }

  func picture(_ file: borrowing RegularFile, _ options: DecodeOptions) throws(MediaError) -> Picture {
    let worker = try take(file.kind(), path: file.path)
    defer { give(worker) }
    return try worker.ask(.still(options), file.descriptor, path: file.path) { reader throws(Gibberish) in
      let image = try worker.image(&reader)
      let (width, height) = (try reader.integer(), try reader.integer())
      let sides = 1...Int(Int32.max)
      guard sides.contains(width), sides.contains(height) else { throw Gibberish() }
      return Picture(image: image, width: width, height: height, isDamaged: try reader.bool())
    }
  }

  func video(_ file: borrowing RegularFile, _ options: VideoOptions) throws(MediaError) -> ConfinedVideo {
    try ConfinedVideo(file, options, self, take(.video, path: file.path))
  }
}

/// A video in a confined process.
final class ConfinedVideo: FrameSource {
  let facts: VideoFacts
  private(set) var position: VideoPosition
  private let path: String
  private let sandbox: DecodingSandbox
  private let worker: WorkerProcess

  fileprivate init(
    _ file: borrowing RegularFile, _ options: VideoOptions, _ sandbox: DecodingSandbox,
    _ worker: WorkerProcess
  ) throws(MediaError) {
    (path, self.sandbox, self.worker) = (file.path, sandbox, worker)
    do throws(MediaError) {
      (facts, position) = try worker.ask(.video(options), file.descriptor, path: file.path) {
        reader throws(Gibberish) in
        (try VideoFacts(&reader), try VideoPosition(&reader))
      }
    } catch {
      sandbox.give(worker)
      throw error
    }
  }

  deinit {
    // Without what the video took.
    let closed: Void? = try? worker.ask(.close, path: path) { _ in }
    if closed != nil { sandbox.give(worker) }
  }

  func advance() throws(MediaError) -> Double? {
    let time: Double?
    (time, position) = try worker.ask(.advance, path: path) { reader throws(Gibberish) in
      (try reader.secondsOrNone(), try VideoPosition(&reader))
    }
    return time
  }

  func image(coveringSide: Int?) throws(MediaError) -> Image {
    try worker.ask(.image(coveringSide: coveringSide), path: path) { reader throws(Gibberish) in
      try worker.image(&reader)
    }
  }

  /// One that is gone is found out by `advance`.
  func skip(to time: Double) -> Bool {
    (try? worker.ask(.skip(to: time), path: path) { reader throws(Gibberish) in try reader.bool() }) ?? false
  }
}
