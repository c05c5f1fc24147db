import Files
import Foundation
import HTTPTypes
import Hummingbird
import Logging

/// Who may ask: those who know the token, by the server's own name, and no page of another site.
struct Gatekeeper: RouterMiddleware {
  typealias Context = ServerContext

  let settings: ServerSettings

  func handle(
    _ request: Request, context: ServerContext, next: (Request, ServerContext) async throws -> Response
  ) async throws -> Response {
    try check(request)
    return try await next(request, context)
  }

  private func check(_ request: Request) throws(Problem) {
    // A name that an attacker made lead here (DNS rebinding).
    let host = request.head.authority ?? ""
    guard host != ConnectionHandler.noHost else { throw .usage("one Host field, and no more") }
    guard isKnown(host) else {
      throw Problem(.forbidden, "forbidden", "asked for by another host's name: \(host.shortened())")
    }
    if let origin = request.headers[.origin], !Self.isSame(origin, host) {
      throw Problem(.forbidden, "forbidden", "asked for by a page of another site")
    }
    if let site = request.headers[.secFetchSite], site == "cross-site" || site == "same-site",
      request.method != .get || request.uri.path != "/"
    {
      throw Problem(.forbidden, "forbidden", "asked for by a page of another site")
    }
    guard let token = settings.token, !Self.open.contains(request.uri.path), !isJobFile(request) else {
      return
    }
    let bearer = request.headers[.authorization].flatMap { $0.hasPrefix("Bearer ") ? $0.dropFirst(7) : nil }
    let given = bearer.map(String.init) ?? request.uri.queryParameters["token"].map { String($0) }
    guard let given, Self.areEqual(given, token) else {
      throw Problem(.unauthorized, "unauthorised", "this server's token is needed: Authorization: Bearer …")
    }
  }

  /// What tells nothing: the page, which asks for the token, and whether the server lives.
  private static let open: Set<String> = ["/", "/app.js", "/style.css", "/health"]

  /// A job's files are asked for by its name, which nobody guesses: pictures within a storyboard come without a token.
  private func isJobFile(_ request: Request) -> Bool {
    request.method == .get && request.uri.path.hasPrefix("/v1/jobs/")
      && request.uri.path.split(separator: "/").count > 3
  }

  private func isKnown(_ host: String) -> Bool {
    // At all addresses names may be any; the token protects.
    guard settings.host != "0.0.0.0", settings.host != "::" else { return settings.token != nil }
    guard let name = Self.name(host)?.lowercased() else { return false }
    return ServerSettings.localNames.contains(name) || name == settings.host.lowercased()
      || name == "[\(settings.host.lowercased())]"
  }

  /// Without the port; nil where what follows the name is none.
  private static func name(_ host: String) -> String? {
    var end = host.firstIndex(of: ":") ?? host.endIndex
    if host.hasPrefix("["), let bracket = host.firstIndex(of: "]") { end = host.index(after: bracket) }
    let rest = host[end...].utf8
    let isPort =
      rest.first == UInt8(ascii: ":") && rest.count <= 6 && rest.dropFirst().allSatisfy { 48...57 ~= $0 }
    return rest.isEmpty || isPort ? String(host[..<end]) : nil
  }

  private static func isSame(_ origin: String, _ host: String) -> Bool {
    origin == "http://\(host)" || origin == "https://\(host)"
  }

  /// In a time that does not tell how much is right.
  private static func areEqual(_ left: String, _ right: String) -> Bool {
    let (left, right) = (Array(left.utf8), Array(right.utf8))
    var difference = left.count ^ right.count
    for index in right.indices { difference |= Int(right[index] ^ (index < left.count ? left[index] : 0)) }
    return difference == 0
  }
}

/// Makes errors answers, counts and logs.
struct Recorder: RouterMiddleware {
  typealias Context = ServerContext

  let metrics: Metrics

  func handle(
    _ request: Request, context: ServerContext, next: (Request, ServerContext) async throws -> Response
  ) async throws -> Response {
    let start = ContinuousClock.now
    var response: Response
    do {
      response = try await next(request, context)
    } catch let error as any HTTPResponseError where error.status == .notFound {
      response = Problem.notFound.response
    } catch {
      let problem = Problem(error)
      if problem.status == .internalServerError { context.logger.error("\(error)") }
      response = problem.response
    }
    response.headers[.xContentTypeOptions] = "nosniff"
    if response.headers[.cacheControl] == nil { response.headers[.cacheControl] = "no-store" }
    if request.method == .head {
      let length = response.headers[.contentLength]
      response.body = ResponseBody()
      response.headers[.contentLength] = length
    }
    if context.body.isLeft(of: request) {
      response.headers[.connection] = "close"
      context.close()
    }
    let route = context.endpointPath ?? "other"
    metrics.answered(route, response.status.code)
    context.logger.info(
      "request",
      metadata: [
        "method": "\(request.method.rawValue.shortened(to: 20))", "route": "\(route)",
        "status": "\(response.status.code)",
        "milliseconds": "\(((ContinuousClock.now - start) / .milliseconds(1) * 10).rounded() / 10)",
        "bytes": "\(request.headers[.contentLength]?.shortened(to: 20) ?? "-")",
        "client": "\(context.client ?? "local")",
      ])
    return response
  }
}

extension HTTPField.Name {
  static let secFetchSite = token("Sec-Fetch-Site")
  static let contentSecurityPolicy = token("Content-Security-Policy")
  static let referrerPolicy = token("Referrer-Policy")

  private static func token(_ name: String) -> HTTPField.Name {
    guard let name = HTTPField.Name(name) else { preconditionFailure("no name of a field") }
    return name
  }
}
