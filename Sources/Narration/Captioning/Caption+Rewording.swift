import Language
import Models

extension [Caption.Word] {
  /// A sex is not told if it is wrong with a greater probability than this.
  private static let mostDoubt: Float = 0.04
  /// Nor a color that somebody would name with a smaller one.
  private static let leastColor: Float = 0.25

  /// A caption in other words where it says what it cannot know. With a detector, whose words are English, articles are set
  /// right.
  /// - Parameter seen: nil where the model detects no words
  func careful(_ people: PeopleWording, _ seen: PictureWords?) -> [Caption.Word] {
    var rewording = Rewording(map(\.text))
    if let seen { rewording.removeColors { seen.support(ofColor: $0) < Self.leastColor } }
    switch people {
    case .guess: break
    case .cautious: rewording.hide(Set(Sex.allCases.filter { (seen?.doubt(of: $0) ?? 0) > Self.mostDoubt }))
    case .neutral: rewording.hide(Set(Sex.allCases))
    }
    if seen != nil { rewording.agreeArticles() }
    guard rewording.isChanged else { return self }
    return rewording.words.map {
      Caption.Word(
        text: $0.text, probability: self[$0.source].probability, attention: self[$0.source].attention)
    }
  }
}
