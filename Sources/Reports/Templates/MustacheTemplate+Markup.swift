import Drawing
import Mustache

/// Markup's own way of escaping: Mustache's goes by characters, among which a `<` can hide behind a sign that joins it.
private struct Escaping: MustacheContentType {
  func escapeText(_ text: String) -> String { Markup.escaped(text) }
}

extension MustacheTemplate {
  /// A template of this package's, whose content type is `MARKUP`.
  static func markup(_ bytes: [UInt8]) -> MustacheTemplate {
    MustacheContentTypes.register(Escaping(), named: "MARKUP")
    do {
      return try MustacheTemplate(string: String(decoding: bytes, as: UTF8.self))
    } catch { preconditionFailure("a template of this package: \(error)") }
  }
}
