import HTTPTypes
import Hummingbird

/// The routes of a server: of each path what its methods do. Other methods are refused, and OPTIONS says which there are.
struct Routes {
  typealias Handler = @Sendable (Request, ServerContext) async throws -> Response

  private let router: Router<ServerContext>
  /// Those that the parser knows.
  private static let others: [HTTPRequest.Method] = [
    "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "TRACE", "CONNECT", "QUERY", "ACL", "BIND", "CHECKOUT",
    "COPY", "LINK",
    "LOCK", "MERGE", "MKACTIVITY", "MKCALENDAR", "MKCOL", "MOVE", "MSEARCH", "NOTIFY", "PROPFIND",
    "PROPPATCH", "PURGE",
    "REBIND", "REPORT", "SEARCH", "SOURCE", "SUBSCRIBE", "UNBIND", "UNLINK", "UNLOCK", "UNSUBSCRIBE",
  ].compactMap { HTTPRequest.Method($0) }

  init(_ router: Router<ServerContext>) { self.router = router }

  func get(_ path: RouterPath, _ handler: @escaping Handler) { add(path, [(.get, handler)]) }

  func post(_ path: RouterPath, _ handler: @escaping Handler) { add(path, [(.post, handler)]) }

  func add(_ path: RouterPath, _ handlers: [(method: HTTPRequest.Method, handler: Handler)]) {
    var handlers = handlers
    // Whose body nobody sends, see `Recorder`.
    if let get = handlers.first(where: { $0.method == .get }) { handlers.append((.head, get.handler)) }
    let allowed = (handlers.map(\.method) + [.options]).map(\.rawValue).joined(separator: ", ")
    for (method, handler) in handlers { router.on(path, method: method, use: handler) }
    router.on(path, method: .options) { _, _ in Response(status: .noContent, headers: [.allow: allowed]) }
    for method in Self.others where !handlers.contains(where: { $0.method == method }) {
      router.on(path, method: method) { _, _ in
        var response = Problem(.methodNotAllowed, "method", "this takes \(allowed)").response
        response.headers[.allow] = allowed
        return response
      }
    }
  }
}
