import Media
import Narration

/// Draws where the network looked: the picture, then the picture once a word with that word's attention over
/// it (the figures of Xu et al. 2015, "Show, Attend and Tell").
public enum AttentionStrip {
  /// The short side of a tile, in pixels.
  private static let tileSide = 224
  /// The most that the long side of a frame's tile may take: a panorama's tile is flatter than `tileSide`.
  private static let longestSide = 448
  /// The room that a label has at least, under however narrow a tile.
  private static let narrowestLabel = 120
  private static let tilesInRow = 6
  private static let gap = 12
  private static let textScale = 2
  private static let labelHeight = BitmapFont.glyphHeight * textScale + 10
  private static let background: Canvas.Colour = (18, 20, 24)
  private static let ink: Canvas.Colour = (240, 240, 236)
  private static let faintInk: Canvas.Colour = (140, 146, 156)

  /// One tile for the plain picture and one for each word, six in a row, each with its word and the word's
  /// probability below. Attention is scaled for each word apart, so that shape and place can be seen:
  /// brightness says nothing between one word and the next.
  ///
  /// - Parameters:
  ///   - frames: the upright picture, whose whole area the encoder's grid covers; of a clip the frames that were looked at, which
  ///     stand side by side.
  ///   - rows: rows of the grid; each word has `frames * rows * columns` weights, row-major, frame after frame.
  public static func draw(_ frames: [Image], caption: Caption, rows: Int, columns: Int) -> Image {
    let tile = joined(frames.map(resizedToTile))
    let tileCount = caption.words.count + 1
    let across = min(max(1, tilesInRow / frames.count), tileCount)
    let down = (tileCount + across - 1) / across
    let labelWidth = max(tile.width, narrowestLabel)
    let step = (x: labelWidth + gap, y: tile.height + labelHeight + gap)
    var canvas = Canvas(width: across * step.x + gap, height: down * step.y + gap, background: background)

    for index in 0..<tileCount {
      let corner = (x: gap + index % across * step.x, y: gap + index / across * step.y)
      let label: (text: String, note: String)
      if index == 0 {
        canvas.paste(tile, x: corner.x, y: corner.y)
        label = ("", "confidence " + percent(caption.confidence))
      } else {
        let word = caption.words[index - 1]
        let map = AttentionMap(
          sideBySide(word.attention, frames: frames.count, rows: rows, columns: columns), rows: rows,
          columns: columns * frames.count, width: tile.width, height: tile.height)
        canvas.paste(map.lit(tile), x: corner.x, y: corner.y)
        label = (word.text, percent(word.probability))
      }
      write(
        label.text, note: label.note, width: labelWidth, x: corner.x, y: corner.y + tile.height + 6,
        on: &canvas)
    }
    return canvas.image
  }

  /// Pictures of the same height, one beside the other.
  private static func joined(_ tiles: [Image]) -> Image {
    guard let first = tiles.first else { preconditionFailure("a strip needs a picture") }
    guard tiles.count > 1 else { return first }
    let tiles = tiles.map { $0.resized(width: first.width, height: first.height) }
    var canvas = Canvas(width: first.width * tiles.count, height: first.height, background: background)
    for (index, tile) in tiles.enumerated() { canvas.paste(tile, x: index * first.width, y: 0) }
    return canvas.image
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
    _ word: String, note: String, width: Int, x: Int, y: Int, on canvas: inout Canvas
  ) {
    let room = max(1, (width / textScale + 1) / BitmapFont.advance)
    let shown = word.count <= room ? word : word.prefix(max(0, room - 2)) + ".."
    canvas.write(shown, x: x, y: y, scale: textScale, colour: ink)
    let noteWidth = BitmapFont.width(of: note) * textScale
    let taken = word.isEmpty ? 0 : (BitmapFont.width(of: shown) + 2 * BitmapFont.advance) * textScale
    guard taken + noteWidth <= width else { return }
    let noteX = word.isEmpty ? x : x + width - noteWidth
    canvas.write(note, x: noteX, y: y, scale: textScale, colour: faintInk)
  }

  private static func percent(_ probability: Double) -> String {
    probability.isFinite ? "\(Int((min(1, max(0, probability)) * 100).rounded()))%" : "?"
  }
}
