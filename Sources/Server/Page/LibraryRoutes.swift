import Catalogue
import Files
import Hummingbird
import Narration
import Reports

/// The catalogue's search, where there is one.
struct LibraryRoutes: Sendable {
  let library: GivenPath

  func add(to routes: Routes) {
    routes.get("/v1/library/search") { request, _ in
      let query = try Query(request)
      try query.check(["q", "limit"])
      guard let words = query["q"], !words.isEmpty else {
        throw Problem.usage("q is missing: words to look for")
      }
      let limit = try query["limit"].map { try CaptionQuestion.number("limit", .string($0), 1...1000) } ?? 40
      let hits = try await Workers.once { [library] in
        try Catalogue(library, .reading).search(words, limit: limit)
      }
      return Response(.object([("results", .array(hits.map(Self.json)))]))
    }
    routes.get("/v1/library/thumbnail/:content") { request, context in
      guard let content = context.parameters.get("content").flatMap({ Int64($0) }) else {
        throw Problem.notFound
      }
      let bytes = try await Workers.once { [library] in
        try Catalogue(library, .reading).entry(content).flatMap {
          SmallPicture.jpeg(of: $0.paths[0], isVideo: $0.isVideo, side: 320)
        }
      }
      guard let bytes else { throw Problem.notFound }
      var response = Response(bytes: bytes, type: "image/jpeg")
      response.headers[.cacheControl] = "private, max-age=3600"
      return response
    }
  }

  private static func json(_ hit: Catalogue.Hit) -> JSON {
    .object([
      ("content", .string(String(hit.entry.content))), ("path", .string(hit.entry.paths[0].text)),
      ("caption", .string(hit.entry.caption ?? "")),
      ("confidence", .rounded(hit.entry.confidence, places: 4)),
      ("score", hit.probability.map { .rounded($0, places: 4) } ?? .null),
    ])
  }
}
