import Files
import Narration

/// What became of one input.
package struct CaptionResult: Sendable {
  package let path: FilePath
  package let outcome: Result<Described, InputFailure>

  package init(path: FilePath, outcome: Result<Described, InputFailure>) {
    self.path = path
    self.outcome = outcome
  }

  /// A picture and its captions.
  package struct Described: Sendable {
    /// Best first, at least one.
    package let captions: [Caption]
    /// Pixels of the whole upright picture.
    package let width: Int
    package let height: Int
    /// From opening the file to the caption.
    package let milliseconds: Double
    /// The model's name.
    package let model: String

    package init(captions: [Caption], width: Int, height: Int, milliseconds: Double, model: String) {
      precondition(!captions.isEmpty)
      self.captions = captions
      self.width = width
      self.height = height
      self.milliseconds = milliseconds
      self.model = model
    }

    /// The best caption.
    var best: Caption { captions[0] }
  }

  /// The object of the `json` and `jsonl` formats.
  package var json: JSON {
    switch outcome {
    case .failure(let failure): failure.json(path: path.text)
    case .success(let described):
      .object([
        ("path", .string(path.text)), ("status", .string("ok")), ("caption", .string(described.best.text)),
        ("confidence", .rounded(described.best.confidence, places: 4)),
        ("log_probability", .rounded(described.best.logProbability, places: 4)),
        ("words", .array(described.best.words.map(Self.json))),
        ("alternatives", .array(described.captions.dropFirst().map(Self.json))),
        ("width", .integer(described.width)), ("height", .integer(described.height)),
        ("milliseconds", .rounded(described.milliseconds, places: 1)), ("model", .string(described.model)),
      ])
    }
  }

  private static func json(_ word: Caption.Word) -> JSON {
    .object([("word", .string(word.text)), ("probability", .rounded(word.probability, places: 4))])
  }

  private static func json(_ alternative: Caption) -> JSON {
    .object([
      ("caption", .string(alternative.text)),
      ("log_probability", .rounded(alternative.logProbability, places: 4)),
    ])
  }
}
