import Files
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import Narration
import Reports

/// OpenAI's chat completions and responses, as far as they describe pictures. Whatever model a client names, this server's answers.
struct OpenAIRoutes: Sendable {
  let stage: PictureStage
  let bodies: BodyReader

  func add(to routes: Routes) {
    routes.post("/v1/chat/completions") { request, context in
      try await bodies.withBytes(request, context) { body in
        let object = try EncodedBytes.object(body)
        guard let messages = try object.objects("messages") else {
          throw Problem.usage("messages is missing")
        }
        let isStream = try object.flag("stream") ?? false
        let answer = try await answer(messages, context)
        return isStream
          ? Self.completionEvents(answer, try name(object))
          : Response(Self.completion(answer, try name(object)))
      }
    }
    routes.post("/v1/responses") { request, context in
      try await bodies.withBytes(request, context) { body in
        let object = try EncodedBytes.object(body)
        guard let input = try object.objects("input") else { throw Problem.usage("input is missing") }
        let isStream = try object.flag("stream") ?? false
        let answer = try await answer(input, context)
        return isStream
          ? Self.responseEvents(answer, try name(object)) : Response(Self.response(answer, try name(object)))
      }
    }
  }

  private func name(_ object: JSON) throws(Problem) -> String {
    if let name = try object.text("model") { return name }
    return try stage.service().captioner.model.name
  }

  /// What a message asks.
  private struct Question {
    var texts: [String] = []
    var images: [String] = []

    init(_ message: JSON) throws(Problem) {
      switch message["content"] {
      case .array?:
        for part in try message.objects("content") ?? [] { try add(part) }
      case nil, .null?:
        // A response's input may hold its parts without a message around them.
        try add(message)
      default: texts.append(try message.text("content") ?? "")
      }
    }

    private mutating func add(_ part: JSON) throws(Problem) {
      switch try part.text("type") {
      case "text", "input_text": texts.append(try part.text("text") ?? "")
      case "image_url", "input_image":
        switch part["image_url"] {
        case .string(let text)?: images.append(text)
        case .object?:
          guard let text = try part["image_url"]?.text("url") else { throw .usage("image_url has no url") }
          images.append(text)
        default: throw .usage("image_url is text, or an object with a url")
        }
      default: break
      }
    }
  }

  /// What is said of the pictures of the last message that has some.
  private func answer(_ messages: [JSON], _ context: ServerContext) async throws -> String {
    guard let last = try messages.map({ try Question($0) }).last(where: { !$0.images.isEmpty }) else {
      throw Problem.usage("no picture: an image_url or input_image with a data URI is needed")
    }
    guard last.images.count <= 16 else { throw Problem.usage("16 pictures at most") }
    let (prompt, pictures) = (Prompt(last.texts.joined(separator: "\n")), try stage.service())
    var answers: [String] = []
    for image in last.images {
      let described = try await pictures.describe(
        EncodedBytes.decode(image), prompt.question, client: context.client)
      answers.append(prompt.answer(described))
    }
    return answers.joined(separator: "\n")
  }

  private static func id(_ kind: String) -> String {
    "\(kind)-\(String(UInt64.random(in: .min ... .max), radix: 16))"
  }

  private static var now: JSON { .integer(Int(Date.now.timeIntervalSince1970)) }

  private static func words(_ text: String) -> Int { text.split(whereSeparator: \.isWhitespace).count }

  private static func completion(_ text: String, _ model: String) -> JSON {
    let message = JSON.object([
      ("role", .string("assistant")), ("content", .string(text)), ("refusal", .null),
    ])
    return .object([
      ("id", .string(id("chatcmpl"))), ("object", .string("chat.completion")), ("created", now),
      ("model", .string(model)),
      (
        "choices",
        .array([
          .object([
            ("index", .integer(0)), ("message", message), ("logprobs", .null),
            ("finish_reason", .string("stop")),
          ])
        ])
      ),
      (
        "usage",
        .object([
          ("prompt_tokens", .integer(1)), ("completion_tokens", .integer(words(text))),
          ("total_tokens", .integer(words(text) + 1)),
        ])
      ),
    ])
  }

  private static func completionEvents(_ text: String, _ model: String) -> Response {
    let (id, created) = (id("chatcmpl"), now)
    func chunk(_ delta: JSON, _ reason: JSON) -> String {
      let choice = JSON.object([("index", .integer(0)), ("delta", delta), ("finish_reason", reason)])
      let object = JSON.object([
        ("id", .string(id)), ("object", .string("chat.completion.chunk")), ("created", created),
        ("model", .string(model)), ("choices", .array([choice])),
      ])
      return "data: \(object.text)\n\n"
    }
    return events(
      chunk(.object([("role", .string("assistant")), ("content", .string(text))]), .null)
        + chunk(.object([]), .string("stop")) + "data: [DONE]\n\n")
  }

  private static func response(_ text: String, _ model: String, id: String = id("resp")) -> JSON {
    let content = JSON.object([
      ("type", .string("output_text")), ("text", .string(text)), ("annotations", .array([])),
    ])
    let message = JSON.object([
      ("type", .string("message")), ("id", .string("msg-" + id)), ("status", .string("completed")),
      ("role", .string("assistant")), ("content", .array([content])),
    ])
    return .object([
      ("id", .string(id)), ("object", .string("response")), ("created_at", now),
      ("status", .string("completed")),
      ("error", .null), ("incomplete_details", .null), ("instructions", .null), ("model", .string(model)),
      ("output", .array([message])), ("parallel_tool_calls", .boolean(false)),
      ("tool_choice", .string("none")),
      ("tools", .array([])),
      (
        "usage",
        .object([
          ("input_tokens", .integer(1)), ("output_tokens", .integer(words(text))),
          ("total_tokens", .integer(words(text) + 1)),
        ])
      ),
    ])
  }

  private static func responseEvents(_ text: String, _ model: String) -> Response {
    let id = id("resp")
    let whole = response(text, model, id: id)
    var number = 0
    func event(_ type: String, _ fields: [(String, JSON)]) -> String {
      defer { number += 1 }
      let data = JSON.object([("type", .string(type)), ("sequence_number", .integer(number))] + fields)
      return "event: \(type)\ndata: \(data.text)\n\n"
    }
    let place: [(String, JSON)] = [
      ("item_id", .string("msg-" + id)), ("output_index", .integer(0)), ("content_index", .integer(0)),
    ]
    return events(
      event("response.created", [("response", whole)])
        + event("response.output_text.delta", place + [("delta", .string(text))])
        + event("response.output_text.done", place + [("text", .string(text))])
        + event("response.completed", [("response", whole)]))
  }

  private static func events(_ text: String) -> Response {
    Response(bytes: Array(text.utf8), type: "text/event-stream")
  }
}
