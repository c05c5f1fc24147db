import Compute
import Networks
import Tensors

/// Captions of several pictures in the making, by an imported Transformer: keys and values of the pictures' tokens and of all words,
/// of which captions with the same beginning share theirs. One for each worker.
package final class WordPass {
  private typealias Lists = MultiHeadAttention<FixedMatrix>.Lists
  private typealias Trace = MultiHeadAttention<FixedMatrix>.Trace
  private let network: WordTransformer
  private let images, rows, widest: Int
  private let memory = Arena()
  /// Steps that there is room for.
  private var capacity = 0
  /// Of the layers: words, and the picture's tokens where they are apart.
  private var words: [Trace] = []
  private var pictures: [Trace] = []
  /// [rows or tokens, width]
  private var x, part, normed: MutableRows
  private var statistics, feed, allLogits, allAttention: MutableRows
  /// [rows, capacity], the entries of each caption's words, and those of the step before
  private var entries, entriesBefore: UnsafeMutablePointer<Int32>
  /// [rows, widest + capacity], what each attends to; of words apart, from `widest` on
  private var lists: UnsafeMutablePointer<Int32>
  private var first, count, firstCell, cellCount: UnsafeMutablePointer<Int32>
  /// [images * widest], 0, 1, 2 …
  private var cells: UnsafeMutablePointer<Int32>
  /// Tokens of each picture that was added.
  private var tokens: [Int] = []
  private var step = 0

  /// - Parameters:
  ///   - images: at most
  ///   - rows: captions at once, at most
  ///   - widest: tokens of a picture or clip, at most
  package init(_ network: WordTransformer, images: Int, rows: Int, widest: Int) {
    (self.network, self.images, self.rows, self.widest) = (network, images, rows, widest)
    let nothing = memory.rows(0, network.sizes.width)
    (x, part, normed, statistics, feed) = (nothing, nothing, nothing, nothing, nothing)
    (allLogits, allAttention) = (nothing, nothing)
    let none = memory.integers(0)
    (entries, entriesBefore, lists, first, count) = (none, none, none, none, none)
    (firstCell, cellCount, cells) = (none, none, none)
  }

  var byteCount: Int { memory.byteCount }

  /// Forgets all, and makes room for so many steps.
  package func begin(steps: Int) {
    (tokens, step) = ([], 0)
    guard steps > capacity else { return }
    capacity = steps
    memory.reset()
    let sizes = network.sizes
    let (width, isApart) = (sizes.width, network.prefix == nil)
    let atOnce = max(rows, isApart ? 0 : widest)
    let most = isApart ? steps : widest + steps
    (x, part, normed) = (
      memory.rows(atOnce, width), memory.rows(atOnce, width),
      memory.rows(atOnce, max(width, network.channels))
    )
    (statistics, feed) = (memory.rows(atOnce, 2), memory.rows(atOnce, sizes.feedForward))
    (allLogits, allAttention) = (memory.rows(rows, sizes.words), memory.rows(rows, widest))
    (entries, entriesBefore) = (memory.integers(rows * steps), memory.integers(rows * steps))
    lists = memory.integers(rows * (widest + steps))
    (first, count) = (memory.integers(rows), memory.integers(rows))
    (firstCell, cellCount) = (memory.integers(rows), memory.integers(rows))
    cells = memory.integers(images * widest)
    for cell in 0..<images * widest { cells[cell] = Int32(cell) }
    let (kept, apart) = (isApart ? 0 : images * widest, isApart ? images * widest : 0)
    words = network.layers.map { _ in
      // Weights are kept for the rows of a step alone.
      Trace(
        rows: atOnce, weightRows: rows, entries: kept + rows * steps, most: most, heads: sizes.heads,
        width: width, memory)
    }
    pictures =
      isApart
      ? network.layers.map { _ in
        Trace(rows: rows, entries: apart, most: widest, heads: sizes.heads, width: width, memory)
      } : []
  }

  /// Adds a picture or clip.
  /// - Parameter features: [frames * tokens of a frame, channels]
  package func add(_ features: Rows, frames: Int) {
    precondition(features.rows <= widest && tokens.count < images)
    let from = tokens.count * widest
    tokens.append(features.rows)
    guard let prefix = network.prefix else {
      for (layer, trace) in zip(network.layers, pictures) {
        layer.picture?.attention.remember(features, from: from, in: trace)
      }
      return
    }
    let own = 0..<features.rows
    let (x, part) = (x[own], part[own])
    if frames > 1, prefix.frames.count > 0 {
      // Room that is as wide as the encoder.
      let timed = normed.reshaped(rows: features.rows, columns: features.columns)
      timed.copy(from: features)
      for row in own {
        Networks.add(
          prefix.frames.rows[min(row / (features.rows / frames), prefix.frames.shape[0] - 1)], to: timed[row],
          count: features.columns)
      }
      prefix.projection.forward(Rows(timed), into: part)
    } else {
      prefix.projection.forward(features, into: part)
    }
    prefix.norm.forward(Rows(part), into: x, statistics: statistics)
    for (index, (layer, trace)) in zip(network.layers, words).enumerated() {
      layer.words.remember(Rows(x), from: from, in: trace)
      // Nobody sees what the last layer makes of the picture.
      guard index + 1 < network.layers.count else { break }
      layer.words.attendToAll(Rows(x), entries: from..<from + x.rows, trace: trace, into: part)
      join(layer.wordsNorm, x, part)
      feedForward(layer, x, part)
    }
  }

  /// x ← norm(x + part)
  private func join(_ norm: LayerNorm, _ x: MutableRows, _ part: MutableRows) {
    Networks.add(Rows(x), to: part)
    norm.forward(Rows(part), into: x, statistics: statistics)
  }

  private func feedForward(_ layer: WordTransformer.Layer, _ x: MutableRows, _ part: MutableRows) {
    let feed = feed[0..<x.rows]
    layer.inner.forward(Rows(x), into: feed)
    network.sizes.activation.apply(to: feed)
    layer.outer.forward(Rows(feed), into: part)
    join(layer.feedNorm, x, part)
  }

  /// A caption that goes on.
  package struct Row {
    /// Its last word.
    let word: Int32
    /// The row of the step before that it goes on from; of the first step, anything.
    let parent: Int
    let image: Int

    package init(word: Int32, parent: Int, image: Int) {
      (self.word, self.parent, self.image) = (word, parent, image)
    }
  }

  /// Reads one more word of each caption.
  /// - Returns: the scores of the words that may follow, [rows, words], and how much each row attends to the tokens of its picture,
  ///   [rows, widest]
  package func advance(_ next: [Row]) -> (logits: MutableRows, attention: Rows) {
    precondition(next.count <= rows && step < capacity)
    let own = 0..<next.count
    let (x, part) = (x[own], part[own])
    let slot = (network.prefix == nil ? 0 : images * widest) + step * rows
    for (row, caption) in next.enumerated() {
      network.embedding.copyRow(Int(caption.word), into: part[row])
      network.positions.copyRow(step, into: x[row])
    }
    Networks.add(Rows(x), to: part)
    network.norm.forward(Rows(part), into: x, statistics: statistics)
    let most = fillLists(next, slot: slot)
    let lists = Lists(entries: lists, first: first, count: count, most: most)
    let pictureLists = Lists(entries: cells, first: firstCell, count: cellCount, most: tokens.max() ?? 0)
    for (index, layer) in network.layers.enumerated() {
      layer.words.remember(Rows(x), from: slot, in: words[index])
      layer.words.attend(Rows(x), lists: lists, trace: words[index], into: part)
      join(layer.wordsNorm, x, part)
      if let picture = layer.picture {
        picture.attention.attend(Rows(x), lists: pictureLists, trace: pictures[index], into: part)
        join(picture.norm, x, part)
      }
      feedForward(layer, x, part)
    }
    if let head = network.head {
      head.dense.forward(Rows(x), into: part)
      network.sizes.activation.apply(to: part)
      head.norm.forward(Rows(part), into: x, statistics: statistics)
    }
    let logits = allLogits[own]
    network.output.forward(Rows(x), into: logits)
    if network.prefix == nil {
      average(pictures[pictures.count - 1], next, most: pictureLists.most)
    } else {
      average(words[words.count - 1], next, most: most)
    }
    step += 1
    swap(&entries, &entriesBefore)
    return (logits, Rows(allAttention[own]))
  }

  /// The entries that each row attends to.
  /// - Returns: the length of the longest list
  private func fillLists(_ next: [Row], slot: Int) -> Int {
    var most = 0
    for (row, caption) in next.enumerated() {
      let own = entries + row * capacity
      if step > 0 { own.update(from: entriesBefore + caption.parent * capacity, count: step) }
      own[step] = Int32(slot + row)
      let (start, cells) = (row * (widest + capacity), tokens[caption.image])
      (firstCell[row], cellCount[row]) = (Int32(caption.image * widest), Int32(cells))
      let before = network.prefix == nil ? 0 : cells
      for cell in 0..<before { lists[start + cell] = Int32(caption.image * widest + cell) }
      (lists + start + before).update(from: own, count: step + 1)
      (first[row], count[row]) = (Int32(start), Int32(before + step + 1))
      most = max(most, before + step + 1)
    }
    return most
  }

  /// What is told of the attention: the mean over the last layer's heads.
  private func average(_ trace: MultiHeadAttention<FixedMatrix>.Trace, _ next: [Row], most: Int) {
    let heads = network.sizes.heads
    for (row, caption) in next.enumerated() {
      let target = allAttention[row]
      for cell in 0..<tokens[caption.image] {
        var sum: Float = 0
        for head in 0..<heads { sum += trace.weights.base[(row * heads + head) * most + cell] }
        target[cell] = sum / Float(heads)
      }
    }
  }
}
