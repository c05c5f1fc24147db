import Files
import Foundation
import HTTPTypes
import Hummingbird
import Narration
import Reports
import SystemPackage

/// What two photo managers ask of a service of theirs: PhotoPrism's vision service (internal/ai/vision of that project), and
/// LibrePhotos' captioning.
struct PhotoRoutes: Sendable {
  let stage: PictureStage
  let bodies: BodyReader
  let allowedFolders: [GivenPath]

  func add(to routes: Routes) {
    routes.post("/api/v1/vision/caption") { request, context in
      await vision(request, context, "caption") { described in
        (
          "caption",
          .object([
            ("text", .string(described.captions[0].text)), ("source", .string("image")),
            ("confidence", .rounded(described.captions[0].confidence, places: 4)),
          ])
        )
      }
    }
    routes.post("/api/v1/vision/labels") { request, context in
      await vision(request, context, "labels") { described in
        let confidence = JSON.rounded(described.captions[0].confidence, places: 4)
        return (
          "labels",
          .array(
            described.keywords.map {
              .object([
                ("name", .string($0)), ("source", .string("image")), ("confidence", confidence),
                ("topicality", confidence),
              ])
            })
        )
      }
    }
    if !allowedFolders.isEmpty {
      routes.post("/generate-caption") { request, context in
        let path = try await bodies.withBytes(request, context) { body in
          try EncodedBytes.object(body).text("image_path")
        }
        guard let path else { throw Problem.usage("image_path is missing") }
        let described = try await stage.service().describe(
          try file(path), CaptionQuestion(), client: context.client)
        return Response(status: .created, .object([("caption", .string(described.captions[0].text))]))
      }
    }
  }

  /// These clients judge an answer by the code within it.
  private func vision(
    _ request: Request, _ context: ServerContext, _ type: String,
    _ result: @Sendable (CaptionResult.Described) -> (String, JSON)
  ) async -> Response {
    var id = JSON.string("")
    do {
      return try await bodies.withBytes(request, context) { body in
        let object = try EncodedBytes.object(body)
        if let given = try object.text("id") { id = .string(given) }
        guard let text = try object.texts("images")?.first else {
          throw Problem.usage("images is missing: a list of data URIs")
        }
        let pictures = try stage.service()
        let described = try await pictures.describe(
          try EncodedBytes.decode(text), CaptionQuestion(), client: context.client)
        let model = JSON.object([
          ("type", .string(type)), ("name", .string(described.model)), ("version", .string("latest")),
          ("resolution", .integer(pictures.captioner.inputSize)),
        ])
        return Response(
          .object([
            ("id", id), ("code", .integer(200)), ("model", model), ("result", .object([result(described)])),
          ]))
      }
    } catch {
      let problem = Problem(error)
      return Response(
        status: problem.status,
        .object([
          ("id", id), ("code", .integer(problem.status.code)), ("error", .string(problem.message)),
          ("result", .object([])),
        ]))
    }
  }

  /// The bytes of a file below an allowed folder, by whatever links it is reached.
  private func file(_ path: String) throws -> [UInt8] {
    let missing = Problem(.notFound, "missing", "no such file in the folders that may be read")
    guard !path.utf8.contains(0), path.hasPrefix("/") else { throw missing }
    guard let file = try? OpenFile(FilePath(path), .readOnly, [.closeOnExec, .nonBlocking], knownAs: path),
      let real = FilePath("/proc/self/fd/\(file.number)").resolved,
      allowedFolders.contains(where: { folder in
        folder.location.resolved.map { real.starts(with: $0) && real != $0 } ?? false
      })
    else { throw missing }
    guard let status = try? FileDescriptor(rawValue: file.number).stat(), status.type == .regular else {
      throw Problem(.unsupportedMediaType, "unsupported", "is not a regular file")
    }
    let limit = bodies.limits.picture
    guard status.size <= limit else { throw Problem.tooLarge(limit) }
    return try withExtendedLifetime(file) {
      // A file may grow meanwhile.
      let handle = FileHandle(fileDescriptor: file.number, closeOnDealloc: false)
      return [UInt8](try handle.read(upToCount: limit) ?? Data())
    }
  }
}
