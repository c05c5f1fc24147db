import Compute
import Language
import Networks
import Tensors

/// What makes sentences of what an encoder saw: for several images side by side.
package protocol CaptionSearch: AnyObject {
  /// Sentences kept at each word.
  var width: Int { get }
  /// Images that there is room for.
  var batch: Int { get }
  /// Frames of an image or clip that there is room for.
  var frames: Int { get }
  /// Whose way of writing it follows.
  var style: Int { get }
  /// What the last search took: passes over the weights, and sentences continued in all of them.
  var effort: (steps: Int, rows: Int) { get }
  /// Bytes of memory.
  var byteCount: Int { get }
  /// Adds an image or clip to those whose captions are made next.
  /// - Parameters:
  ///   - features: [frames * positions, channels], frames in order of time; used at once
  ///   - costs: [vocabulary], what each word costs a sentence in the choice of those that are continued; empty where none does
  func add(_ features: Rows, costs: [Float])
  /// The captions of all that was added, in that order: best first, at most `width` each. Nothing is left added.
  func captions(maximumWords: Int) -> [[CaptionGenerator.Result]]
  /// Forgets what was added.
  func removeAll()
}

/// The decoder made ready for one beam width, all memory in place: nothing is allocated for a word. It searches the captions of
/// several images side by side, whose words are then read off the same pass over the weights. One for each worker.
package final class CaptionGenerator: CaptionSearch {
  /// A caption in vocabulary indices.
  package struct Result {
    /// The end marker included, if the sentence ended.
    package let words: [Int32]
    package let logProbabilities: [Float]
    /// For each word the attention weights, [frames * positions].
    package let attention: [[Float]]
    package let logProbability: Float
    /// See `BeamSearch.Sentence`.
    package let score: Float

    package init(
      words: [Int32], logProbabilities: [Float], attention: [[Float]], logProbability: Float, score: Float
    ) {
      (self.words, self.logProbabilities, self.attention) = (words, logProbabilities, attention)
      (self.logProbability, self.score) = (logProbability, score)
    }
  }
  /// The search for one image's caption.
  private struct Search {
    var beam: BeamSearch
    /// Cells of the image's grids.
    let cells: Int
    /// Words after which its captions end; nil is what is asked for all.
    let maximumWords: Int?
    /// The first row of its open sentences, as they were in the last step.
    var firstRow: Int
    /// Where each step's weights begin in `attention`.
    var steps: [Int] = []
    /// The attention weights of all steps: [steps, rows, cells].
    var attention: [Float] = []
  }

  package let width: Int
  /// Images that there is room for.
  package let batch: Int
  /// Frames of an image or clip that there is room for.
  package let frames: Int
  private let positions: Int
  package let style: Int
  private let lengthExponent: Float
  private let rules: SentenceRules
  private let phrases: FamiliarPhrases?
  private let memory = Arena()
  private let session: DecodingSession<FixedMatrix>
  private var searches: [Search] = []
  /// What the last search took: passes over the weights, and sentences continued in all of them.
  package private(set) var effort = (steps: 0, rows: 0)
  /// Bytes of memory, for whatever is added; a Transformer takes more for longer captions.
  package var byteCount: Int { memory.byteCount + session.byteCount }

  /// - Parameters:
  ///   - positions: cells of a frame
  ///   - frames: most frames of a clip
  ///   - batch: most images at once
  ///   - style: whose way of writing to follow
  package init(
    _ decoder: FixedDecoder, positions: Int, frames: Int = 1, batch: Int = 1, style: Int = 0, width: Int,
    lengthExponent: Float, rules: SentenceRules = SentenceRules(), phrases: FamiliarPhrases? = nil
  ) {
    (self.rules, self.phrases) = (rules, phrases)
    precondition(rules.repetitions.isEmpty || rules.repetitions.count == decoder.sizes.words)
    precondition(style < max(1, decoder.sizes.styles ?? 1) && frames > 0 && batch > 0)
    (self.positions, self.frames, self.style) = (positions, frames, style)
    (self.batch, self.width, self.lengthExponent) = (batch, width, lengthExponent)
    session = DecodingSession(
      decoder, positions: positions, cells: batch * frames * positions, widest: frames * positions,
      images: batch, rows: batch * width, memory: memory)
  }

  /// Captions for one image or clip, best first; at most `width`. By the calling thread's
  /// team.
  /// - Parameter features: [frames * positions, channels], frames in order of time
  package func captions(_ features: Rows, maximumWords: Int) -> [Result] {
    add(features)
    return captions(maximumWords: maximumWords)[0]
  }

  package func add(_ features: Rows, costs: [Float] = []) { add(features, costs: costs, maximumWords: nil) }

  /// Adds an image or clip to those whose captions are made next.
  /// - Parameters:
  ///   - features: [frames * positions, channels], frames in order of time; used at once
  ///   - costs: [vocabulary], see `BeamSearch.costs`
  ///   - maximumWords: after which its captions end, if before those of others; nil is what is asked for all.
  package func add(_ features: Rows, costs: [Float] = [], maximumWords: Int?) {
    precondition(positions...frames * positions ~= features.rows && searches.count < batch)
    session.add(features)
    let beam = BeamSearch(
      width: width, end: Vocabulary.end,
      excluded: Vocabulary.unwritten, rules: rules, phrases: phrases, costs: costs,
      lengthExponent: lengthExponent)
    searches.append(
      Search(beam: beam, cells: features.rows, maximumWords: maximumWords, firstRow: searches.count))
  }

  /// The captions of all that was added, in that order: best first, at most `width` each. Nothing is left added.
  package func captions(maximumWords: Int) -> [[Result]] {
    session.reserve(steps: maximumWords + 1)
    for index in searches.indices {
      searches[index].beam.reserve(steps: maximumWords + 1)
      searches[index].steps.reserveCapacity(maximumWords + 1)
      searches[index].attention.reserveCapacity((maximumWords + 1) * width * searches[index].cells)
    }
    effort = (0, 0)
    for step in 0...maximumWords {
      layOutRows()
      let rows = session.step()
      guard rows > 0 else { break }
      effort = (effort.steps + 1, effort.rows + rows)
      let (logits, attention) = (session.logits, session.attention)
      logSoftmax(logits)
      for index in searches.indices where !searches[index].beam.isFinished {
        let (first, cells) = (searches[index].firstRow, searches[index].cells)
        searches[index].steps.append(searches[index].attention.count)
        let open = first..<first + searches[index].beam.open.count
        for row in open {
          searches[index].attention.append(
            contentsOf: UnsafeBufferPointer(start: attention[row], count: cells))
        }
        searches[index].beam.advance(
          logits[open], ending: step == min(maximumWords, searches[index].maximumWords ?? maximumWords))
      }
    }
    defer { removeAll() }
    return searches.map(Self.results)
  }

  /// Forgets what was added.
  package func removeAll() {
    searches.removeAll(keepingCapacity: true)
    session.removeAll()
  }

  /// The rows of the next step: each open sentence's last word, and the row that it was chosen from.
  private func layOutRows() {
    var rows = 0
    for index in searches.indices {
      let before = searches[index].firstRow
      searches[index].firstRow = rows
      for last in searches[index].beam.open {
        session.append(last.word, parent: before + last.row, image: index, style: style)
        rows += 1
      }
    }
  }

  private static func results(_ search: Search) -> [Result] {
    search.beam.ranked.map { sentence in
      Result(
        words: sentence.words, logProbabilities: sentence.logProbabilities,
        attention: zip(search.steps, sentence.rows).map { start, row in
          Array(search.attention[start + row * search.cells..<start + (row + 1) * search.cells])
        }, logProbability: sentence.logProbability, score: sentence.score)
    }
  }
}
