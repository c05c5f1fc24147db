import Foundation

extension ModelLibrary {
  /// The folder of the first model that translates into a language.
  /// - Throws: `ModelError.missing` with the folders searched.
  package func translator(to language: String) throws(ModelError) -> URL {
    try first(kind: .translation, named: "translation model to \(language)") {
      $0.languages.contains(language)
    }
  }

  /// The languages that models translate into, in alphabetical order.
  package var translatedLanguages: [String] {
    Set(cards(of: .translation).flatMap(\.languages)).sorted()
  }
}
