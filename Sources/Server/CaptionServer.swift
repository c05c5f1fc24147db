import Files
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdCore
import Logging
import Media
import NIOCore
import Narration
import ServiceLifecycle
import Synchronization

/// The three jobs over HTTP, and a page for people.
package struct CaptionServer: Sendable {
  private let settings: ServerSettings
  private let logger: Logger

  /// - Throws: `ServerError` where the settings would let strangers in
  package init(_ settings: ServerSettings, logger: Logger) throws(ServerError) {
    guard settings.isLocal || settings.token != nil else { throw .needsToken(settings.host) }
    if let token = settings.token, token.utf8.count < 8 || !token.utf8.allSatisfy({ 0x21...0x7e ~= $0 }) {
      throw .weakToken
    }
    (self.settings, self.logger) = (settings, logger)
  }

  /// Serves until a signal ends it (SIGTERM, SIGINT); what is in hand is finished.
  /// - Parameter started: told the port
  /// - Throws: `NarrationError` of the captioning model, `ServerError` where it cannot listen
  package func run(started: @escaping @Sendable (_ port: Int) -> Void) async throws {
    let (metrics, stage) = (Metrics(), PictureStage())
    let bodies = BodyReader(settings.limits)
    let videos = VideoService(settings)
    let loading = LoadingService { [settings] in
      let captioner = try await Captioner(settings.captionModel, compute: settings.compute)
      stage.set(PictureService(captioner, settings.limits, metrics))
    }

    let router = Router(context: ServerContext.self)
    router.addMiddleware {
      Recorder(metrics: metrics)
      Gatekeeper(settings: settings)
    }
    let routes = Routes(router)
    PageRoutes().add(to: routes)
    CaptionRoutes(stage: stage, bodies: bodies).add(to: routes)
    VideoRoutes(videos: videos, bodies: bodies).add(to: routes)
    OllamaRoutes(stage: stage, bodies: bodies, version: settings.version).add(to: routes)
    OpenAIRoutes(stage: stage, bodies: bodies).add(to: routes)
    PhotoRoutes(stage: stage, bodies: bodies, allowedFolders: settings.allowedFolders).add(to: routes)
    if let library = settings.library { LibraryRoutes(library: library).add(to: routes) }
    routes.get("/health") { _, _ in Response(.object([("status", .string("ok"))])) }
    routes.get("/ready") { _, _ in
      _ = try stage.service()
      return Response(.object([("status", .string("ready"))]))
    }
    routes.get("/v1/models") { [settings] _, _ in
      Response(await Self.models(try stage.service().captioner, videos, hasLibrary: settings.library != nil))
    }
    routes.get("/metrics") { _, _ in
      let text = metrics.text([
        ("narrate_pictures_waiting", "Pictures that wait for a core.", stage.waiting),
        ("narrate_videos_waiting", "Videos that wait.", videos.waiting),
        ("narrate_jobs_running", "Videos that are worked on.", videos.jobs.states["running"] ?? 0),
      ])
      return Response(bytes: Array(text.utf8), type: "text/plain; version=0.0.4")
    }
    try await serve(router, [loading, JobsService(videos: videos)], started)
  }

  private func serve(
    _ router: Router<ServerContext>, _ services: [any Service], _ started: @escaping @Sendable (Int) -> Void
  ) async throws {
    let longest = settings.limits.video
    let http = HTTP1Channel.Configuration(
      additionalChannelHandlers: [ConnectionHandler(limit: longest)],
      idleTimeout: .seconds(Int64(settings.limits.idle)),
      httpDecoderConfiguration: .init(
        maxHeaderFieldSize: 16 << 10, maxHeaderListSize: 32 << 10, maxHeaderFieldCount: 100))
    let application = Application(
      router: router, server: .http1(configuration: http),
      configuration: ApplicationConfiguration(
        address: .hostname(settings.host, port: settings.port), backlog: 1024,
        availableConnectionsDelegate: .maximum(settings.limits.connections, logger: logger)),
      onServerRunning: { channel in started(channel.localAddress?.port ?? 0) }, logger: logger)
    let group = ServiceGroup(
      configuration: ServiceGroupConfiguration(
        services: ([application] + services).map { .init(service: $0) },
        gracefulShutdownSignals: [.sigterm, .sigint], logger: logger))
    do {
      try await group.run()
    } catch let error as IOError {
      throw ServerError.cannotListen(settings.host, settings.port, FileError.reason(error.errnoCode))
    }
  }

  private static func models(_ captioner: Captioner, _ videos: VideoService, hasLibrary: Bool) async -> JSON {
    let model = captioner.model
    var models: [JSON] = [
      .object([
        ("name", .string(model.name)), ("kind", .string("caption")),
        ("styles", .array(model.styles.map { .string($0) })),
        ("languages", .array(model.languages.map { .string($0.rawValue) })),
        ("precision", .string(model.precision.rawValue)),
      ])
    ]
    if let labeler = try? await videos.knownLabels() {
      models.append(
        .object([
          ("name", .string(labeler.name)), ("kind", .string("label")),
          ("labels", .array(labeler.labels.map { .string($0) })),
        ]))
    }
    // As OpenAI's clients list them.
    let data = JSON.object([
      ("id", .string(model.name)), ("object", .string("model")), ("created", .integer(0)),
      ("owned_by", .string("narrate")),
    ])
    return .object([
      ("object", .string("list")), ("data", .array([data])), ("models", .array(models)),
      ("library", .boolean(hasLibrary)),
    ])
  }
}

/// Makes the server ready, or ends it.
private struct LoadingService: Service {
  let load: @Sendable () async throws -> Void

  init(_ load: @escaping @Sendable () async throws -> Void) { self.load = load }

  func run() async throws {
    try await load()
    try? await gracefulShutdown()
  }
}

/// Ends what runs when the server does, so that nobody waits for it.
private struct JobsService: Service {
  let videos: VideoService

  func run() async throws {
    try? await gracefulShutdown()
    videos.jobs.cancelAll()
    videos.ongoing.cancelAll()
  }
}

/// Why a server does not start.
package enum ServerError: Error, CustomStringConvertible {
  case needsToken(String)
  case weakToken
  case cannotListen(String, Int, String)

  package var description: String {
    switch self {
    case .needsToken(let host): "to listen at \(host), where others reach it, a server needs a --token"
    case .weakToken: "a token has 8 characters or more, all of them printable ASCII without spaces"
    case .cannotListen(let host, let port, let reason): "cannot listen at \(host), port \(port): \(reason)"
    }
  }
}
