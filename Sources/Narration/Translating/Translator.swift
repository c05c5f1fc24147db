import Foundation
import Models

/// Translates captions. Safe to use from any task: the work is done by a thread of its own, a text at a time.
///
///     let translator = try await Translator(to: .german)
///     print(try await translator.translation(of: "a dog runs on the grass"))
public final class Translator: Sendable {
  private let workers: Workers
  private let owned: Owned<TranslationEngine>

  /// Loads a model.
  /// - Parameters:
  ///   - language: what it translates into
  ///   - model: one that writes the language; by default the first such one that is found
  /// - Throws: `model` if it is not there, damaged or of another kind, or writes other languages.
  public init(to language: CaptionLanguage, _ model: ModelSource = .default) async throws(NarrationError) {
    workers = Workers(1)
    owned = try await workers.run { _ in
      let folder: URL
      switch model {
      case .default: folder = try ModelLibrary().translator(to: language.rawValue)
      case .folder(let url): folder = url
      }
      return Owned(
        engine: try TranslationEngine(TranslationModel(contentsOf: folder), to: language.rawValue))
    }
  }

  /// The text in the other language. A text of several sentences is translated one by one; a blank one stays as it is; what begins
  /// small or has no full stop, as captions do, is answered in the same way.
  /// - Throws: `cancelled` in a task that was cancelled.
  public func translation(of text: String) async throws(NarrationError) -> String {
    try await workers.run { [owned] pending in
      try pending.check()
      return owned.engine.translation(of: text)
    }
  }
}
