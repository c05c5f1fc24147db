import ArgumentParser
import Catalogue
import Files
import Foundation
import Logging
import Media
import Models
import Narration
import Server
import Synchronization

/// `narrate serve`.
struct ServeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "serve",
    abstract: "The three jobs over HTTP, and a page in the browser.",
    discussion: """
      POST /v1/caption with a picture's bytes answers with the JSON object of narrate caption; /v1/label and /v1/summarize take \
      videos; /openapi.json describes them all. The routes of Ollama, OpenAI, PhotoPrism's vision service and, below folders that \
      --allow-path names, LibrePhotos are there too, for programs that know those. Nothing that is sent is kept, and no other \
      machine is ever asked for anything. Pictures and videos are decoded in confined processes (narrate caption --sandbox). \
      SIGTERM and Ctrl-C end the server when what it has in hand is answered.
      """)

  @Option(help: ArgumentHelp("The address to listen at.", valueName: "address"))
  var host = "127.0.0.1"

  @Option(help: ArgumentHelp("The port, 0 for one that is free.", valueName: "n"))
  var port = 8300

  @Option(
    help: ArgumentHelp(
      "What every request must bring (Authorization: Bearer …), or else $NARRATE_TOKEN. Needed for any address but this machine's own.",
      valueName: "text"))
  var token: String?

  @Option(
    help: ArgumentHelp("A catalogue (narrate library) that the page searches.", valueName: "file"),
    completion: .file())
  var library: String?

  @Option(
    help: ArgumentHelp(
      "A folder whose pictures may be asked for by path. May be given several times.", valueName: "dir"),
    completion: .directory)
  var allowPath: [String] = []

  @Option(help: ArgumentHelp("A captioning model's folder.", valueName: "dir"), completion: .directory)
  var model: String?

  @Option(help: ArgumentHelp("A model's folder for labels.", valueName: "dir"), completion: .directory)
  var labelModel: String?

  @Option(help: ArgumentHelp("Pictures that wait at most; more are refused (503).", valueName: "n"))
  var queue = 64

  @Flag(inversion: .prefixedNo, help: "Decode in confined processes.")
  var sandbox = true

  @Flag(help: "Print a systemd unit for this command line, and do nothing else.")
  var printUnit = false

  @OptionGroup var precision: PrecisionOptions

  @Option(help: ArgumentHelp("Threads. Default: the cores this process may use.", valueName: "n"))
  var threads: Int?

  @Flag(help: "Log every request on standard error, a JSON object a line.")
  var verbose = false

  func validate() throws {
    try check(port, in: 0...65535, "--port")
    try check(queue, in: 1...100_000, "--queue")
    if let threads { try check(threads, in: 1...1024, "--threads") }
  }

  func run() throws {
    let console = Console(.none)
    try RunStatus.exit(reportingTo: console) {
      guard !printUnit else {
        try ResultOutput(path: nil).write(Array(unit.utf8))
        return .success
      }
      LoggingSystem.bootstrap { JSONLog(label: $0, logLevel: verbose ? .info : .warning) }
      var settings = try settings()
      // Files and decoders need some, too.
      settings.limits.connections = max(16, min(settings.limits.connections, Self.raiseFileLimit() - 256))
      Self.shareHeap()
      let server = try CaptionServer(settings, logger: Logger(label: "narrate.serve"))
      if sandbox { DecodingSandbox.current = try DecodingSandbox() }
      let name = host.contains(":") ? "[\(host)]" : host
      try Self.wait {
        try await server.run { port in
          let address = "http://\(name):\(port)"
          console.tell("listening at \(address)", [("address", .string(address))])
        }
      }
      return .success
    }
  }

  private func settings() throws -> ServerSettings {
    var settings = ServerSettings()
    (settings.host, settings.port, settings.limits.queue) = (host, port, queue)
    settings.token = token ?? ProcessInfo.processInfo.environment["NARRATE_TOKEN"]
    settings.allowedFolders = allowPath.map { GivenPath(argument: $0) }
    for folder in settings.allowedFolders where !folder.location.isFolder {
      throw ValidationError("--allow-path \(folder.text): no such folder")
    }
    settings.library = library.map { GivenPath(argument: $0) }
    if let library = settings.library { _ = try Catalogue(library, .reading) }
    settings.compute = ComputeOptions(threads: threads, precision: precision.precision)
    if let model { settings.captionModel = .folder(URL(fileURLWithPath: model, isDirectory: true)) }
    if let labelModel { settings.labelModel = .folder(URL(fileURLWithPath: labelModel, isDirectory: true)) }
    settings.version = Narrate.configuration.version
    return settings
  }

  /// One heap for all threads: apart, they hold on to what connections leave (mallopt(3), M_ARENA_MAX).
  private static func shareHeap() {
    guard let address = dlsym(nil, "mallopt") else { return }
    _ = unsafeBitCast(address, to: (@convention(c) (CInt, CInt) -> CInt).self)(-8, 1)
  }

  /// Each connection is an open file.
  /// - Returns: how many there may be
  private static func raiseFileLimit() -> Int {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 1024 }
    limit.rlim_cur = limit.rlim_max
    setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    return Int(clamping: limit.rlim_cur)
  }

  /// Waits for a task, on the main thread, which does nothing else.
  private static func wait(_ work: @escaping @Sendable () async throws -> Void) throws {
    let outcome = Outcome()
    Task {
      do {
        try await work()
        outcome.end(nil)
      } catch {
        outcome.end(error)
      }
    }
    try outcome.wait()
  }

  /// How a task ended.
  private final class Outcome: Sendable {
    private let error = Mutex<(any Error)?>(nil)
    private let isOver = DispatchSemaphore(value: 0)

    func end(_ error: (any Error)?) {
      self.error.withLock { $0 = error }
      isOver.signal()
    }

    func wait() throws {
      isOver.wait()
      if let error = error.withLock(\.self) { throw error }
    }
  }
}
