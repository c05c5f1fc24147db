import Files
import Foundation
import Hummingbird
import Narration
import Reports

/// `POST /v1/caption`.
struct CaptionRoutes: Sendable {
  let stage: PictureStage
  let bodies: BodyReader

  func add(to routes: Routes) {
    routes.post("/v1/caption") { request, context in
      var question = try CaptionQuestion(Query(request))
      return try await bodies.withBytes(request, context) { body in
        var bytes = body
        if request.isJSON {
          let object = try EncodedBytes.object(body)
          bytes = try Self.picture(of: object, &question)
        }
        let described = try await stage.service().describe(bytes, question, client: context.client)
        return Response(described.json(id: question.id))
      }
    }
  }

  /// The picture of a JSON body, whose other fields are options.
  private static func picture(of object: JSON, _ question: inout CaptionQuestion) throws(Problem) -> [UInt8] {
    guard case .object(let fields) = object else { throw .usage("the body is no JSON object") }
    var picture: String?
    for (name, value) in fields {
      switch (name, value) {
      case (_, .null): continue
      case ("id", .string), ("id", .integer), ("id", .unsigned), ("id", .number): question.id = value
      case ("id", _): throw .usage("id is text or a number")
      case ("image", .string(let text)): picture = text
      case ("image", _): throw .usage("image is base64 or a data URI")
      default: try question.set(name, value)
      }
    }
    guard let picture else { throw .usage("the picture is missing: image, as base64 or a data URI") }
    return try EncodedBytes.decode(picture)
  }
}

extension Request {
  var isJSON: Bool {
    (headers[.contentType] ?? "").split(separator: ";").first?.trimmingCharacters(in: .whitespaces)
      .lowercased()
      == "application/json"
  }
}
