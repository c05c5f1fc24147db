import Drawing
import Media
import Narration

/// Draws where the network looked: the picture, then the picture once a word with that word's attention over
/// it (the figures of Xu et al. 2015, "Show, Attend and Tell").
package enum AttentionStrip {
  private static let background = Color(0x121418)
  private static let word = TextStyle(size: 17, color: Color(0xF0F0EC))
  private static let note = TextStyle(size: 14, color: Color(0x8C929C))

  /// One tile for the plain picture and one for each word, six in a row, each with its word and the word's
  /// probability below. Attention is scaled for each word apart, so that shape and place can be seen:
  /// brightness says nothing between one word and the next.
  ///
  /// - Parameters:
  ///   - frames: the upright picture, whose whole area the encoder's grid covers; of a clip the frames that were looked at, which
  ///     stand side by side.
  ///   - rows: rows of the grid; each word has `frames * rows * columns` weights, row-major, frame after frame.
  /// - Throws: `DrawingError` where Cairo, Pango or a font is missing.
  package static func draw(_ frames: [Image], caption: Caption, rows: Int, columns: Int)
    throws(DrawingError) -> Image
  {
    guard let first = frames.first else { preconditionFailure("a strip needs a picture") }
    let tileCount = caption.words.count + 1
    let layout = Layout(first, frames: frames.count, tiles: tileCount)
    let tile = try joined(frames, layout)
    var drawing = Drawing(width: layout.width, height: layout.height, background: background)

    for index in 0..<tileCount {
      let (x, y) = layout.corner(of: index)
      let (corner, label) = (Point(Double(x), Double(y)), layout.label(of: index))
      guard index > 0 else {
        drawing.show(tile, at: corner)
        try write("", "confidence " + percent(caption.confidence), in: label, on: &drawing)
        continue
      }
      let word = caption.words[index - 1]
      let map = AttentionMap(
        sideBySide(word.attention, frames: frames.count, rows: rows, columns: columns), rows: rows,
        columns: columns * frames.count, width: tile.width, height: tile.height)
      drawing.show(map.lit(tile), at: corner)
      try write(word.text, percent(word.probability), in: label, on: &drawing)
    }
    return try drawing.image()
  }

  /// The frames one beside the other.
  private static func joined(_ frames: [Image], _ layout: Layout) throws(DrawingError) -> Image {
    let frames = frames.map { $0.resized(width: layout.frameWidth, height: layout.tileHeight) }
    guard frames.count > 1 else { return frames[0] }
    var drawing = Drawing(width: layout.tileWidth, height: layout.tileHeight, background: background)
    for (index, frame) in frames.enumerated() {
      drawing.show(frame, at: Point(Double(index * layout.frameWidth), 0))
    }
    return try drawing.image()
  }

  /// Weights frame after frame as those of one wide grid.
  private static func sideBySide(_ weights: [Float], frames: Int, rows: Int, columns: Int) -> [Float] {
    (0..<rows).flatMap { row in
      (0..<frames).flatMap { frame in
        let first = (frame * rows + row) * columns
        return weights[first..<first + columns]
      }
    }
  }

  /// The word on the left, the note on the right if there is room left for it.
  private static func write(
    _ text: String, _ beside: String, in label: Rectangle, on drawing: inout Drawing
  ) throws(DrawingError) {
    let line = label.y + 6 + word.size
    drawing.write(text, at: Point(label.x, line), word, fit: .ellipsized(label.width))
    guard !text.isEmpty else { return drawing.write(beside, at: Point(label.x, line), note) }
    let taken = try word.width(of: text) + 14
    guard try taken + note.width(of: beside) <= label.width else { return }
    drawing.write(beside, at: Point(label.right, line), note, anchor: .end)
  }

  private static func percent(_ probability: Double) -> String {
    probability.isFinite ? "\(Int(bounded: (min(1, max(0, probability)) * 100).rounded()))%" : "?"
  }
}
