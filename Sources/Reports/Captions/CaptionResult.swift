import Files
import Models
import Narration

/// What became of one input.
package struct CaptionResult: Sendable {
  package let path: GivenPath
  package let outcome: Result<Described, InputFailure>
  /// What JSON objects have beside it.
  package let marks: ResultMarks?

  package init(path: GivenPath, outcome: Result<Described, InputFailure>, marks: ResultMarks? = nil) {
    self.path = path
    self.outcome = outcome
    self.marks = marks
  }

  /// A picture or a video, and its captions.
  package struct Described: Sendable {
    /// Best first, at least one; of a video those of the first stretch.
    package let captions: [Caption]
    /// Of a video, in order of time; of a picture none.
    package let stretches: [ClipCaption]
    /// Pixels of the whole upright picture.
    package let width: Int
    package let height: Int
    /// Whether a picture could be read in part only.
    package let isDamaged: Bool
    /// From opening the file to the caption; of pictures whose captions are searched together, each one's share.
    package let milliseconds: Double
    /// The model's name.
    package let model: String
    /// The bytes of a PNG file that shows the attention, if it is wanted.
    package let strip: [UInt8]?
    /// The grid over which words have their attention, if JSON is to have it.
    package let grid: Grid?

    package init(
      captions: [Caption], stretches: [ClipCaption] = [], width: Int, height: Int, isDamaged: Bool = false,
      milliseconds: Double, model: String, strip: [UInt8]? = nil, grid: Grid? = nil
    ) {
      precondition(!captions.isEmpty)
      self.captions = captions
      self.stretches = stretches
      self.width = width
      self.height = height
      self.isDamaged = isDamaged
      self.milliseconds = milliseconds
      self.model = model
      (self.strip, self.grid) = (strip, grid)
    }
  }

  /// The same with times that begin at 0.
  var fromZero: CaptionResult {
    guard case .success(let described) = outcome, let start = described.stretches.first?.start else {
      return self
    }
    let stretches = described.stretches.map {
      ClipCaption(start: $0.start - start, end: $0.end - start, captions: $0.captions)
    }
    return CaptionResult(
      path: path,
      outcome: .success(
        Described(
          captions: described.captions, stretches: stretches, width: described.width,
          height: described.height, milliseconds: described.milliseconds, model: described.model,
          strip: described.strip)), marks: marks)
  }

  /// The object of the `json` and `jsonl` formats.
  /// - Parameter timed: a video's stretches one by one, in place of one caption.
  package func json(timed: Bool = false) -> JSON {
    let result = unmarked(timed: timed)
    return marks?.mark(result) ?? result
  }

  private func unmarked(timed: Bool) -> JSON {
    switch outcome {
    case .failure(let failure): return failure.json(path: path.text)
    case .success(let described):
      let captions: [(String, JSON)]
      if timed, !described.stretches.isEmpty {
        let stretches = described.stretches.map { stretch in
          JSON.object(
            [
              ("start", .rounded(stretch.start, places: 3)), ("end", .rounded(stretch.end, places: 3)),
            ] + Self.fields(stretch.captions))
        }
        captions = [("captions", .array(stretches))]
      } else {
        captions = Self.fields(described.captions, grid: described.grid)
      }
      return .object(
        [("path", .string(path.text)), ("status", .string("ok"))] + captions + [
          ("width", .integer(described.width)), ("height", .integer(described.height)),
        ] + (described.isDamaged ? [("damaged", .boolean(true))] : []) + [
          ("milliseconds", .rounded(described.milliseconds, places: 1)), ("model", .string(described.model)),
        ])
    }
  }

  /// The best caption and the others.
  private static func fields(_ captions: [Caption], grid: Grid? = nil) -> [(String, JSON)] {
    let best = captions[0]
    return [
      ("caption", .string(best.told)), ("confidence", .rounded(best.confidence, places: 4)),
      ("log_probability", .rounded(best.logProbability, places: 4)),
      ("words", .array(best.words.map { json($0, showsAttention: grid != nil) })),
      ("alternatives", .array(captions.dropFirst().map(json))),
    ] + translated(best) + (best.isUnsure ? [("tags", .array(best.tags.map(json)))] : [])
      + (grid.map { [("grid", .object([("rows", .integer($0.rows)), ("columns", .integer($0.columns))]))] }
        ?? [])
  }

  /// What was translated, beside its translation.
  private static func english(_ caption: Caption) -> [(String, JSON)] {
    caption.translation == nil ? [] : [("english", .string(caption.text))]
  }

  private static func translated(_ best: Caption) -> [(String, JSON)] {
    english(best) + (best.translation.map { [("language", .string($0.language.rawValue))] } ?? [])
  }

  private static func json(_ tag: Caption.Tag) -> JSON {
    .object([("tag", .string(tag.text)), ("probability", .rounded(tag.probability, places: 4))])
  }

  private static func json(_ word: Caption.Word, showsAttention: Bool) -> JSON {
    let attention = word.attention.map { JSON.rounded(Double($0), places: 4) }
    return .object(
      [("word", .string(word.text)), ("probability", .rounded(word.probability, places: 4))]
        + (showsAttention ? [("attention", .array(attention))] : []))
  }

  private static func json(_ alternative: Caption) -> JSON {
    .object(
      [
        ("caption", .string(alternative.told)),
        ("log_probability", .rounded(alternative.logProbability, places: 4)),
      ] + english(alternative))
  }
}
