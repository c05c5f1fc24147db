import HTTPTypes
import Hummingbird

/// The page for people, which is in the executable.
struct PageRoutes: Sendable {
  /// Nothing from elsewhere, and nothing that is not in these files.
  private static let policy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; media-src 'self' blob:; "
    + "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

  func add(to routes: Routes) {
    let files: [(RouterPath, [UInt8], String)] = [
      ("/", PackageResources.index_html, "text/html; charset=utf-8"),
      ("/app.js", PackageResources.app_js, "text/javascript; charset=utf-8"),
      ("/style.css", PackageResources.style_css, "text/css; charset=utf-8"),
    ]
    for (path, bytes, type) in files {
      routes.get(path) { _, _ in
        var response = Response(bytes: bytes, type: type)
        response.headers[.contentSecurityPolicy] = Self.policy
        response.headers[.referrerPolicy] = "no-referrer"
        return response
      }
    }
    routes.get("/openapi.json") { _, _ in
      Response(bytes: PackageResources.openapi_json, type: "application/json")
    }
  }
}
