import Files
import Foundation
import HTTPTypes
import Hummingbird
import Narration
import Reports

/// The routes of Ollama's HTTP interface (docs/api.md of that project) that a client needs to have a picture captioned. Whatever
/// model it names, this server's answers.
struct OllamaRoutes: Sendable {
  let stage: PictureStage
  let bodies: BodyReader
  let version: String

  func add(to routes: Routes) {
    routes.post("/api/generate") { request, context in
      try await answer(request, context) { object in
        (try object.text("prompt") ?? "", try object.texts("images") ?? [])
      } said: { text in
        [("response", .string(text))]
      }
    }
    routes.post("/api/chat") { request, context in
      try await answer(request, context) { object in
        guard let messages = try object.objects("messages") else {
          throw Problem.usage("messages is missing")
        }
        let asked = try messages.map { (try $0.text("content") ?? "", try $0.texts("images") ?? []) }
        // Earlier pictures have their answers already.
        return asked.last { !$0.1.isEmpty } ?? asked.last ?? ("", [])
      } said: { text in
        [("message", .object([("role", .string("assistant")), ("content", .string(text))]))]
      }
    }
    routes.get("/api/version") { _, _ in Response(.object([("version", .string(version))])) }
    routes.get("/api/tags") { _, _ in Response(.object([("models", .array([try model(isRunning: false)]))])) }
    routes.get("/api/ps") { _, _ in Response(.object([("models", .array([try model(isRunning: true)]))])) }
    routes.post("/api/show") { request, context in
      try await bodies.withBytes(request, context) { body in
        _ = try EncodedBytes.object(body)
        return Response(
          .object([
            ("modelfile", .string("")), ("parameters", .string("")), ("template", .string("{{ .Prompt }}")),
            ("details", try details), ("model_info", .object([("general.architecture", .string("narrate"))])),
            ("capabilities", .array([.string("completion"), .string("vision")])),
          ]))
      }
    }
  }

  /// - Parameters:
  ///   - asked: the prompt and the pictures of a body
  ///   - said: the fields that hold an answer
  private func answer(
    _ request: Request, _ context: ServerContext, _ asked: @Sendable (JSON) throws -> (String, [String]),
    said: @Sendable (String) -> [(String, JSON)]
  ) async throws -> Response {
    do {
      return try await bodies.withBytes(request, context) { body in
        let start = ContinuousClock.now
        let object = try EncodedBytes.object(body)
        let (text, images) = try asked(object)
        let (prompt, pictures) = (Prompt(text), try stage.service())
        var answers: [String] = []
        guard images.count <= 16 else { throw Problem.usage("16 pictures at most") }
        let (isStream, wantsJSON) = (try object.flag("stream") ?? true, try Self.wantsJSON(object))
        let name = try object.text("model")
        for image in images {
          let described = try await pictures.describe(
            EncodedBytes.decode(image), prompt.question, client: context.client)
          answers.append(wantsJSON ? Self.json(described) : prompt.answer(described))
        }

        let said = said(answers.joined(separator: "\n"))
        return Self.response(
          [
            ("model", .string(name ?? pictures.captioner.model.name)),
            ("created_at", .string(Date.now.formatted(.iso8601))),
          ] + said,
          isLoading: answers.isEmpty, words: answers.reduce(0) { $0 + $1.split(separator: " ").count },
          since: start,
          isStream: isStream)
      }
    } catch {
      // These clients expect text.
      let problem = Problem(error)
      var response = Response(status: problem.status, .object([("error", .string(problem.message))]))
      if let retryAfter = problem.retryAfter { response.headers[.retryAfter] = String(retryAfter) }
      return response
    }
  }

  /// One object, whether the client wants a stream of them or not: some keep the last one's text.
  private static func response(
    _ fields: [(String, JSON)], isLoading: Bool, words: Int, since start: ContinuousClock.Instant,
    isStream: Bool
  ) -> Response {
    let nanoseconds = Int((ContinuousClock.now - start) / .nanoseconds(1))
    let object = JSON.object(
      fields + [
        ("done", .boolean(true)), ("done_reason", .string(isLoading ? "load" : "stop")),
        ("total_duration", .integer(nanoseconds)), ("load_duration", .integer(0)),
        ("prompt_eval_count", .integer(1)), ("prompt_eval_duration", .integer(0)),
        ("eval_count", .integer(words)), ("eval_duration", .integer(nanoseconds)),
      ])
    return Response(
      bytes: Array((object.text + "\n").utf8), type: isStream ? "application/x-ndjson" : "application/json")
  }

  /// Who wants JSON gets the caption and what it names.
  private static func wantsJSON(_ object: JSON) throws(Problem) -> Bool {
    switch object["format"] {
    case nil, .null?: false
    case .string(let format)?: format == "json"
    case .object?: true
    default: throw .usage("format is text or an object")
    }
  }

  private static func json(_ described: CaptionResult.Described) -> String {
    let best = described.captions[0]
    let labels = described.keywords.map { word in
      JSON.object([
        ("name", .string(word)), ("confidence", .rounded(best.confidence, places: 4)),
        ("topicality", .rounded(best.confidence, places: 4)),
      ])
    }
    return JSON.object([
      ("caption", .string(best.text)), ("confidence", .rounded(best.confidence, places: 4)),
      ("labels", .array(labels)),
    ]).text
  }

  private var details: JSON {
    get throws(Problem) {
      let precision = try stage.service().captioner.model.precision
      return .object([
        ("parent_model", .string("")), ("format", .string("safetensors")), ("family", .string("narrate")),
        ("families", .array([.string("narrate")])), ("parameter_size", .string("27M")),
        ("quantization_level", .string(precision.rawValue)),
      ])
    }
  }

  private func model(isRunning: Bool) throws(Problem) -> JSON {
    let name = try stage.service().captioner.model.name
    return .object(
      [
        ("name", .string(name + ":latest")), ("model", .string(name + ":latest")), ("size", .integer(0)),
        ("digest", .string("")), ("details", try details),
      ]
        + (isRunning ? [("expires_at", "2100-01-01T00:00:00Z")] : [("modified_at", "2026-01-01T00:00:00Z")])
        .map {
          ($0, JSON.string($1))
        })
  }
}
