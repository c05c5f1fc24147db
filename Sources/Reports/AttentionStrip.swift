import Drawing
import Media
import Narration

/// Draws where the network looked: the picture, then the picture once a word with that word's attention over
/// it (the figures of Xu et al. 2015, "Show, Attend and Tell").
package enum AttentionStrip {
  /// The short side of a tile, in pixels.
  private static let tileSide = 224
  /// The most that the long side of a frame's tile may take: a panorama's tile is flatter than `tileSide`.
  private static let longestSide = 448
  /// The room that a label has at least, under however narrow a tile.
  private static let narrowestLabel = 120
  private static let tilesInRow = 6
  private static let gap = 12
  /// Below a tile.
  private static let labelHeight = 28
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
    let tile = try joined(frames.map(resizedToTile))
    let tileCount = caption.words.count + 1
    let across = min(max(1, tilesInRow / frames.count), tileCount)
    let down = (tileCount + across - 1) / across
    let labelWidth = max(tile.width, narrowestLabel)
    let step = (x: labelWidth + gap, y: tile.height + labelHeight + gap)
    var drawing = Drawing(
      width: across * step.x + gap, height: down * step.y + gap, background: background)

    for index in 0..<tileCount {
      let corner = Point(
        Double(gap + index % across * step.x), Double(gap + index / across * step.y))
      let label = Rectangle(
        x: corner.x, y: corner.y + Double(tile.height), width: Double(labelWidth), height: Double(labelHeight)
      )
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

  /// Pictures of the same height, one beside the other.
  private static func joined(_ tiles: [Image]) throws(DrawingError) -> Image {
    guard let first = tiles.first else { preconditionFailure("a strip needs a picture") }
    guard tiles.count > 1 else { return first }
    let tiles = tiles.map { $0.resized(width: first.width, height: first.height) }
    var drawing = Drawing(width: first.width * tiles.count, height: first.height, background: background)
    for (index, tile) in tiles.enumerated() { drawing.show(tile, at: Point(Double(index * first.width), 0)) }
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

  private static func resizedToTile(_ picture: Image) -> Image {
    let short = Double(min(picture.width, picture.height))
    let long = Double(max(picture.width, picture.height))
    let scale = min(Double(tileSide) / short, Double(longestSide) / long)
    return picture.resized(
      width: max(1, Int((Double(picture.width) * scale).rounded())),
      height: max(1, Int((Double(picture.height) * scale).rounded())))
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
    probability.isFinite ? "\(Int((min(1, max(0, probability)) * 100).rounded()))%" : "?"
  }
}
