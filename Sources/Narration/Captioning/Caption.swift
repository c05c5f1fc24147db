import Foundation
import Models

/// One sentence for an image, with what the network thought of each word.
///
///     print(caption.text, caption.confidence, caption.words.map(\.probability))
public struct Caption: Sendable, Equatable, Codable {
  /// One word of a caption.
  public struct Word: Sendable, Hashable, Codable {
    /// The word, in lower case.
    public let text: String
    /// The network's probability of this word, given the image and the words before it: 0…1. Of a word that says something more
    /// carefully, "person" for "man", that of the word in whose place it stands.
    public let probability: Double
    /// Attention weights over the encoder's grid when this word was chosen, row-major from the top left, of a clip one frame
    /// after the other; their sum is 1.
    public let attention: [Float]

    /// See the properties.
    public init(text: String, probability: Double, attention: [Float]) {
      (self.text, self.probability, self.attention) = (text, probability, attention)
    }
  }

  /// What a picture may show, by the classifier that the encoder was trained with.
  public struct Tag: Sendable, Hashable, Codable {
    /// The class's name, such as `web site`.
    public let text: String
    /// 0…1
    public let probability: Double

    /// See the properties.
    public init(text: String, probability: Double) {
      (self.text, self.probability) = (text, probability)
    }
  }

  /// The words in order, without markers of beginning and end.
  public private(set) var words: [Word]
  /// Natural logarithm of the probability of the sentence, its end included, as the network made it.
  public let logProbability: Double
  /// How probable it is that the caption is right, 0…1: that it agrees with what people would write at least half as well as
  /// they agree with one another. Of a model that was not calibrated, the geometric mean of the word probabilities; of a
  /// caption without words, the probability of its end.
  public private(set) var confidence: Double
  /// Whether the confidence is below what the model calls sure.
  public private(set) var isUnsure: Bool
  /// What the picture may show instead, likeliest first, where its best caption is unsure and the model knows names for it.
  public private(set) var tags: [Tag]

  /// What it says in another language than English, if that was asked for.
  public private(set) var translation: Translation?

  /// A sentence in another language.
  public struct Translation: Sendable, Hashable, Codable {
    /// What it is in.
    public let language: CaptionLanguage
    /// The sentence.
    public let text: String

    /// See the properties.
    public init(language: CaptionLanguage, text: String) { (self.language, self.text) = (language, text) }
  }

  /// What is expected of it by what people would write; nil where the model has no reranker.
  package private(set) var outlook: WordExpectation.Outlook?
  /// How much of it people would say; nil where the model detects no words.
  package private(set) var support: PictureWords.Support?
  /// What the confidence is made of, see `CaptionStatistics`, nil what is not known; empty for one that no search made.
  package private(set) var statistics: [Double?] = []
  /// What the picture looks like, of a best caption, where `CaptionOptions.keepsFindings`.
  package private(set) var findings: PictureFindings?
  /// What it was chosen by, as it stood before anything was said more carefully; nil for one that no search made.
  package private(set) var candidate: CaptionReranker.Candidate?

  /// See the properties; a confidence of nil is the geometric mean of the word probabilities.
  public init(
    words: [Word], logProbability: Double, confidence: Double? = nil, isUnsure: Bool = false, tags: [Tag] = []
  ) {
    self.init(
      words: words, logProbability: logProbability, candidate: nil, confidence: confidence,
      isUnsure: isUnsure, tags: tags)
  }

  package init(
    words: [Word], logProbability: Double, candidate: CaptionReranker.Candidate?,
    outlook: WordExpectation.Outlook? = nil, support: PictureWords.Support? = nil, confidence: Double? = nil,
    isUnsure: Bool = false, tags: [Tag] = []
  ) {
    (self.words, self.logProbability, self.candidate) = (words, logProbability, candidate)
    (self.outlook, self.support) = (outlook, support)
    (self.isUnsure, self.tags) = (isUnsure, tags)
    self.confidence = confidence ?? Self.geometricMean(words, logProbability)
  }

  /// The sentence in the language that was asked for.
  public var told: String { translation?.text ?? text }

  /// What `told` is in.
  public var language: CaptionLanguage { translation?.language ?? .english }

  /// The sentence in English: words joined by spaces, in lower case, without a full stop.
  public var text: String { words.map(\.text).joined(separator: " ") }

  /// With another confidence.
  func judged(_ confidence: Double, isUnsure: Bool, tags: [Tag]) -> Caption {
    var caption = self
    (caption.confidence, caption.isUnsure, caption.tags) = (confidence, isUnsure, tags)
    return caption
  }

  func translated(_ language: CaptionLanguage, _ text: String) -> Caption {
    var caption = self
    caption.translation = Translation(language: language, text: text)
    return caption
  }

  func with(statistics: [Double?]) -> Caption {
    var caption = self
    caption.statistics = statistics
    return caption
  }

  func with(findings: PictureFindings?) -> Caption {
    var caption = self
    caption.findings = findings
    return caption
  }

  /// In other words; all that is known of it is known of what it said before.
  func reworded(_ words: [Word]) -> Caption {
    var caption = self
    caption.words = words
    return caption
  }

  /// Without what chose it, which is nobody's outside.
  var published: Caption {
    var caption = self
    (caption.outlook, caption.support, caption.candidate, caption.statistics) = (nil, nil, nil, [])
    caption.findings = nil
    return caption
  }

  private enum CodingKeys: String, CodingKey {
    case words, logProbability, confidence, isUnsure, tags, translation
  }

  private static func geometricMean(_ words: [Word], _ logProbability: Double) -> Double {
    guard !words.isEmpty else { return exp(min(0, logProbability)) }
    return exp(words.reduce(0) { $0 + log($1.probability) } / Double(words.count))
  }
}

/// What a picture or clip looks like to a model, for those who search by it.
package struct PictureFindings: Sendable, Equatable {
  /// [channels], the mean of the encoder's features
  package let mean: [Float]
  /// [concepts], the detector's logits, see `CaptionEngine.concepts`; empty for a model that detects no words
  package let wordLogits: [Float]
}

/// How captions speak of people: of their sex a picture often says little, and guides to alternative texts ask not to guess it.
public enum PeopleWording: String, Sendable, Hashable, Codable, CaseIterable {
  /// As the captions that the model has learned from do: "a man", "a woman".
  case guess
  /// As `guess` where the model is sure, else as `neutral`; the same as `guess` for a model that detects no words.
  case cautious
  /// "a person", "people", "a child".
  case neutral
}

/// How captions are chosen.
///
///     let options = CaptionOptions(beamWidth: 5, top: 3)
public struct CaptionOptions: Sendable, Hashable {
  /// Sentences kept at each word, 1 to 64; 1 is greedy decoding.
  public var beamWidth: Int
  /// Captions wanted, best first, 1 to 64. The beam is at least as wide.
  public var top: Int
  /// Longest caption, in words, 1 to 200.
  public var maximumWords: Int
  /// Whose way of writing to follow, one of `CaptionerModel.styles`; nil is the first.
  public var style: String?
  /// How people are spoken of.
  public var people: PeopleWording
  /// What captions are written in; another than English takes a translation model.
  public var language: CaptionLanguage
  /// Whether a picture that is cut off or damaged is captioned all the same where at least half of it can be seen.
  public var acceptsDamage: Bool
  /// Whether a best caption comes with what its picture looks like.
  package var keepsFindings = false

  /// Beam 3, one caption, at most 20 words, cautious, in English; of damaged pictures what can be seen.
  public init(
    beamWidth: Int = 3, top: Int = 1, maximumWords: Int = 20, style: String? = nil,
    people: PeopleWording = .cautious, language: CaptionLanguage = .english, acceptsDamage: Bool = true
  ) {
    (self.beamWidth, self.top, self.maximumWords) = (beamWidth, top, maximumWords)
    (self.style, self.people, self.language) = (style, people, language)
    self.acceptsDamage = acceptsDamage
  }

  package static let (beamWidths, tops, lengths) = (1...64, 1...64, 1...200)
  /// Seconds of a stretch of a video that has a caption of its own.
  package static let stretches = 0.1...86_400.0

  /// - Throws: for what is out of its range.
  package func check() throws(OptionError) {
    try OptionError.check(beamWidth, in: Self.beamWidths, "beamWidth")
    try OptionError.check(top, in: Self.tops, "top")
    try OptionError.check(maximumWords, in: Self.lengths, "maximumWords")
  }
}
