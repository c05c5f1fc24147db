import Files
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import Narration

/// `/v1/label`, `/v1/summarize` and `/v1/jobs`.
struct VideoRoutes: Sendable {
  let videos: VideoService
  let bodies: BodyReader

  func add(to routes: Routes) {
    routes.post("/v1/label") { request, context in
      let query = try Query(request)
      let (options, language, isJob) = try Self.labelling(query)
      let (file, place) = try await file(request, context)
      guard isJob else {
        return Response(
          try await videos.ongoing.run(context.channel) {
            try await videos.label(file, place, options, language)
          })
      }
      return start(.label) { [videos] job in
        Job.Result(json: try await videos.label(file, place, options, language) { job.change(.running($0)) })
      }
    }
    routes.post("/v1/summarize") { request, context in
      let query = try Query(request)
      try query.check(["keyframes", "people", "language"])
      var options = SummaryOptions()
      options.keyFrames = try query["keyframes"].map {
        try CaptionQuestion.number("keyframes", .string($0), SummaryOptions.keyFrameCounts)
      }
      if let people = query["people"] {
        guard let wording = PeopleWording(rawValue: people) else {
          throw Problem.usage("people is one of guess, cautious and neutral")
        }
        options.captions.people = wording
      }
      if let language = query["language"] {
        options.captions.language = try CaptionQuestion.language(.string(language))
      }
      let (file, place) = try await file(request, context)
      return start(.summarize) { [videos, options] job in
        try await videos.summarize(file, place, options) { job.change(.running($0)) }
      }
    }
    routes.add(
      "/v1/jobs/:id",
      [
        (.get, { _, context in Response(try job(context).json) }),
        (
          .delete,
          { _, context in
            videos.jobs.forget(try job(context))
            return .nothing
          }
        ),
      ])
    routes.get("/v1/jobs/:id/events") { _, context in Self.events(try job(context)) }
    routes.get("/v1/jobs/:id/**") { _, context in
      guard case .done(let result) = try job(context).state else { throw Problem.notFound }
      let name = context.parameters.getCatchAll().joined(separator: "/")
      guard let file = result.files.first(where: { $0.name == name }) else { throw Problem.notFound }
      var response = Response(bytes: file.bytes, type: Self.type(name))
      // The storyboard has its own style and script within.
      response.headers[.contentSecurityPolicy] =
        "default-src 'none'; img-src 'self'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; sandbox allow-scripts"
      return response
    }
  }

  private func file(_ request: Request, _ context: ServerContext) async throws -> (TemporaryFile, Lane.Place)
  {
    let place = try videos.reserve()
    guard !request.isJSON else {
      throw Problem(.unsupportedMediaType, "unsupported", "a video is sent as its bytes, not in JSON")
    }
    let file = try await bodies.file(request, context)
    try videos.check(file)
    return (file, place)
  }

  private func job(_ context: ServerContext) throws(Problem) -> Job {
    guard let job = context.parameters.get("id").flatMap({ videos.jobs[$0] }) else { throw .notFound }
    return job
  }

  private static func labelling(_ query: Query) throws(Problem) -> (
    ActionOptions, CaptionLanguage, isJob: Bool
  ) {
    try query.check(["top", "stride", "window", "async", "language"])
    var options = ActionOptions()
    if let top = query["top"] {
      options.top = try CaptionQuestion.number("top", .string(top), ActionOptions.tops)
    }
    if let stride = query["stride"] {
      options.stride = try CaptionQuestion.seconds("stride", stride, ActionOptions.seconds)
    }
    if let window = query["window"] {
      options.window = try CaptionQuestion.seconds("window", window, ActionOptions.seconds)
    }
    guard let isJob = ["true": true, "1": true, "false": false, "0": false][query["async"] ?? "false"] else {
      throw .usage("async is true or false")
    }
    var language = CaptionLanguage.english
    if let asked = query["language"] { language = try CaptionQuestion.language(.string(asked)) }
    return (options, language, isJob)
  }

  private func start(
    _ kind: Job.Kind, _ work: @escaping @Sendable (Job) async throws -> Job.Result
  ) -> Response {
    let job = Job(kind)
    videos.jobs.add(job)
    job.start(work)
    var response = Response(status: .accepted, job.json)
    response.headers[.location] = "/v1/jobs/\(job.id)"
    return response
  }

  private static func events(_ job: Job) -> Response {
    let body = ResponseBody { writer in
      for await state in job.states {
        try await writer.write(ByteBuffer(string: job.event(state)))
      }
      try await writer.finish(nil)
    }
    return Response(status: .ok, headers: [.contentType: "text/event-stream"], body: body)
  }

  private static func type(_ name: String) -> String {
    switch name.split(separator: ".").last {
    case "html": "text/html; charset=utf-8"
    case "json": "application/json"
    case "vtt": "text/vtt; charset=utf-8"
    case "srt": "application/x-subrip; charset=utf-8"
    case "jpg": "image/jpeg"
    case "zip": "application/zip"
    default: "application/octet-stream"
    }
  }
}
