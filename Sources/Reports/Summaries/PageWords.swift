import Narration

/// What the storyboard says beside the captions.
struct PageWords {
  /// What the strip of all shots is called to those who do not see it.
  let strip: String
  /// What stands before and after the time of the shot that another looks like.
  let alike, at: String
  /// What is to be kept in mind.
  let warning: String
  private let shot, chapter: [String]

  init(_ language: CaptionLanguage) {
    switch language {
    case .english:
      (strip, alike, at) = ("Shots in time", "as", "at")
      (shot, chapter) = (["shot", "shots"], ["chapter", "chapters"])
      warning = "Captions by Narrate; they can be wrong, and those in italics are guesses."
    case .german:
      (strip, alike, at) = ("Einstellungen der Reihe nach", "wie", "bei")
      (shot, chapter) = (["Einstellung", "Einstellungen"], ["Kapitel", "Kapitel"])
      warning = "Bildtexte von Narrate; sie können falsch sein, und kursive sind geraten."
    case .french:
      (strip, alike, at) = ("Plans dans le temps", "comme", "à")
      (shot, chapter) = (["plan", "plans"], ["chapitre", "chapitres"])
      warning = "Légendes de Narrate\u{a0}; elles peuvent être fausses, et celles en italique sont devinées."
    case .czech:
      (strip, alike, at) = ("Záběry v čase", "jako", "v")
      (shot, chapter) = (["záběr", "záběry", "záběrů"], ["kapitola", "kapitoly", "kapitol"])
      warning = "Popisky vytvořil Narrate; mohou být chybné a ty psané kurzívou jsou odhady."
    case .portuguese:
      (strip, alike, at) = ("Planos no tempo", "como", "em")
      (shot, chapter) = (["plano", "planos"], ["capítulo", "capítulos"])
      warning = "Legendas do Narrate; podem estar erradas, e as em itálico são palpites."
    }
  }

  func shots(_ count: Int) -> String { Self.counted(count, shot) }
  func chapters(_ count: Int) -> String { Self.counted(count, chapter) }

  /// - Parameter nouns: for one and for more; in Czech for one, two to four, and more
  private static func counted(_ count: Int, _ nouns: [String]) -> String {
    let form = count == 1 ? 0 : nouns.count == 3 && !(2...4).contains(count) ? 2 : 1
    return "\(count) \(nouns[form])"
  }
}
