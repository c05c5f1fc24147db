import Networks
import Tensors

/// An imported model's search for the captions of several pictures side by side, whose words are read off the same pass over the
/// weights. One for each worker.
package final class CheckpointGenerator: CaptionSearch {
  package let width, batch, frames: Int
  package let style = 0
  private let model: CheckpointConfiguration
  private let network: WordTransformer
  private let pass: WordPass
  /// What was added: [frames * tokens, channels] of each.
  private var features: [[Float]] = []
  package private(set) var effort = (steps: 0, rows: 0)
  package var byteCount: Int { pass.byteCount }

  package init(
    _ configuration: CheckpointConfiguration, _ network: WordTransformer, frames: Int, batch: Int, width: Int
  ) {
    (model, self.network) = (configuration, network)
    (self.width, self.batch, self.frames) = (width, batch, frames)
    pass = WordPass(
      network, images: batch, rows: batch * width, widest: frames * configuration.encoder.tokens)
  }

  package func add(_ features: Rows, costs: [Float]) {
    precondition(self.features.count < batch && costs.isEmpty)
    self.features.append([Float](features))
  }

  package func removeAll() { features = [] }

  /// One picture's search.
  private struct Search {
    var search: CompletionSearch
    let frames: Int
    /// The first row of its open sentences, as they were in the last step.
    var firstRow: Int
    /// The attention of all steps' rows: [tokens] of each.
    var attention: [[[Float]]] = []
  }

  /// - Parameter maximumWords: pieces of words, in fact
  package func captions(maximumWords: Int) -> [[CaptionGenerator.Result]] {
    let steps = min(maximumWords, network.sizes.positions)
    let tokens = model.encoder.tokens
    pass.begin(steps: steps)
    var searches = features.enumerated().map { index, values in
      let frames = values.count / (tokens * network.channels)
      values.withUnsafeRows(frames * tokens) { pass.add($0, frames: frames) }
      return Search(
        search: CompletionSearch(width: width, end: model.markers.end), frames: frames, firstRow: index)
    }
    features = []
    effort = (0, 0)
    for step in 0..<steps {
      var rows: [WordPass.Row] = []
      for index in searches.indices {
        let before = searches[index].firstRow
        searches[index].firstRow = rows.count
        rows += searches[index].search.open.map {
          WordPass.Row(word: $0.word ?? model.markers.beginning, parent: before + $0.row, image: index)
        }
      }
      guard !rows.isEmpty else { break }
      effort = (effort.steps + 1, effort.rows + rows.count)
      let (logits, attention) = pass.advance(rows)
      logSoftmax(logits)
      for index in searches.indices where !searches[index].search.isFinished {
        let open = searches[index].firstRow..<searches[index].firstRow + searches[index].search.open.count
        searches[index].attention.append(
          open.map { patches(attention[$0], frames: searches[index].frames) })
        searches[index].search.advance(
          logits[open.lowerBound], words: logits.columns, ending: step + 1 == steps)
      }
    }
    return searches.map(Self.results)
  }

  /// The shares of the patches alone, without what stands for a whole picture.
  /// - Parameter weights: [frames * tokens]
  /// - Returns: [frames * patches], whose sum is 1
  private func patches(_ weights: UnsafePointer<Float>, frames: Int) -> [Float] {
    let tokens = model.encoder.tokens
    let shares = (0..<frames).flatMap { frame in
      (1..<tokens).map { weights[frame * tokens + $0] }
    }
    let sum = shares.reduce(0, +)
    return sum > 0 ? shares.map { $0 / sum } : shares.map { _ in 1 / Float(shares.count) }
  }

  private static func results(_ search: Search) -> [CaptionGenerator.Result] {
    search.search.ranked.map { words, score in
      CaptionGenerator.Result(
        words: words.map(\.word), logProbabilities: words.map(\.logProbability),
        attention: words.enumerated().map { search.attention[$0][$1.row] },
        logProbability: words.reduce(0) { $0 + $1.logProbability }, score: score)
    }
  }
}
