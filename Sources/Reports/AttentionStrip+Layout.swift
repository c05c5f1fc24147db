import Drawing
import Media

extension AttentionStrip {
  /// Where the tiles of a strip stand, in pixels.
  package struct Layout: Sendable, Equatable {
    /// The short side of a tile.
    private static let tileSide = 224
    /// The most that the long side of a frame's tile may take: a panorama's tile is flatter than `tileSide`.
    private static let longestSide = 448
    /// The room that a label has at least, under however narrow a tile.
    private static let narrowestLabel = 120
    private static let tilesInRow = 6
    private static let gap = 12
    /// Below a tile.
    private static let labelHeight = 28

    /// Of one frame in a tile.
    package let frameWidth: Int
    /// Of a tile, in which all frames stand side by side.
    package let tileWidth: Int
    package let tileHeight: Int
    /// Tiles in a row, and rows.
    private let across: Int
    private let down: Int

    /// - Parameters:
    ///   - frame: the first; the others get its size.
    ///   - frames: how many there are
    ///   - tiles: one more than there are words
    package init(_ frame: Image, frames: Int, tiles: Int) {
      let short = Double(min(frame.width, frame.height))
      let long = Double(max(frame.width, frame.height))
      let scale = min(Double(Self.tileSide) / short, Double(Self.longestSide) / long)
      frameWidth = max(1, Int(bounded: (Double(frame.width) * scale).rounded()))
      tileHeight = max(1, Int(bounded: (Double(frame.height) * scale).rounded()))
      tileWidth = frameWidth * frames
      across = min(max(1, Self.tilesInRow / frames), tiles)
      down = (tiles + across - 1) / across
    }

    private var labelWidth: Int { max(tileWidth, Self.narrowestLabel) }

    /// Of the whole strip.
    package var width: Int { across * (labelWidth + Self.gap) + Self.gap }
    package var height: Int { down * (tileHeight + Self.labelHeight + Self.gap) + Self.gap }

    /// A tile's top left corner.
    package func corner(of tile: Int) -> (x: Int, y: Int) {
      (
        Self.gap + tile % across * (labelWidth + Self.gap),
        Self.gap + tile / across * (tileHeight + Self.labelHeight + Self.gap)
      )
    }

    /// The room for a tile's word and its probability, right below it.
    package func label(of tile: Int) -> Rectangle {
      let corner = corner(of: tile)
      return Rectangle(
        x: Double(corner.x), y: Double(corner.y + tileHeight), width: Double(labelWidth),
        height: Double(Self.labelHeight))
    }
  }
}
