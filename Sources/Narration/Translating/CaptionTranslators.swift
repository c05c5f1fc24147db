import Foundation
import Models
import Synchronization

/// The translation models of a captioner, which all its engines share. Each is loaded when its language is first asked for.
final class CaptionTranslators: Sendable {
  private let library: ModelLibrary
  private let models = Mutex<[CaptionLanguage: TranslationModel]>([:])

  /// - Parameter folder: of the captioning model: others that stand beside it are found, too.
  init(beside folder: URL) {
    library = ModelLibrary(
      searchPaths: ModelLibrary().searchPaths + [folder.standardizedFileURL.deletingLastPathComponent()])
  }

  /// English, and those that there is a model for.
  var languages: [CaptionLanguage] {
    [.english] + library.translatedLanguages.compactMap(CaptionLanguage.init)
  }

  /// A translator for one thread.
  /// - Throws: `ModelError` if there is no model for the language, or it is damaged.
  func engine(to language: CaptionLanguage) throws -> TranslationEngine {
    let model = try models.withLock { models in
      if let model = models[language] { return model }
      let model = try TranslationModel(contentsOf: library.translator(to: language.rawValue))
      models[language] = model
      return model
    }
    return try TranslationEngine(model, to: language.rawValue)
  }
}
