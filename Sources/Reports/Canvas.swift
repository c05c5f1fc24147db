import Media
import Narration

/// A picture being drawn.
package struct Canvas {
  package typealias Colour = (red: UInt8, green: UInt8, blue: UInt8)
  package let width: Int
  package let height: Int
  /// Interleaved RGB, row-major from the top left.
  private var pixels: [UInt8]

  package init(width: Int, height: Int, background: Colour) {
    self.width = width
    self.height = height
    pixels = [UInt8](unsafeUninitializedCapacity: width * height * 3) { buffer, count in
      for pixel in 0..<width * height {
        buffer.initializeElement(at: 3 * pixel, to: background.red)
        buffer.initializeElement(at: 3 * pixel + 1, to: background.green)
        buffer.initializeElement(at: 3 * pixel + 2, to: background.blue)
      }
      count = width * height * 3
    }
  }

  package var image: Image { Image(width: width, height: height, pixels: pixels) }

  /// Copies a whole picture to the place whose top left corner is `(x, y)`.
  package mutating func paste(_ picture: Image, x: Int, y: Int) {
    precondition(x >= 0 && y >= 0 && x + picture.width <= width && y + picture.height <= height)
    for row in 0..<picture.height {
      let source = row * picture.width * 3
      let target = ((y + row) * width + x) * 3
      pixels.replaceSubrange(
        target..<target + picture.width * 3, with: picture.pixels[source..<source + picture.width * 3])
    }
  }

  /// Writes one line of text with its top left corner at `(x, y)`; what falls outside is cut off.
  package mutating func write(_ text: String, x: Int, y: Int, scale: Int, colour: Colour) {
    for (index, character) in text.enumerated() {
      let left = x + index * BitmapFont.advance * scale
      for (pixel, isLit) in BitmapFont.glyph(character).enumerated() where isLit {
        fill(
          x: left + pixel % BitmapFont.glyphWidth * scale, y: y + pixel / BitmapFont.glyphWidth * scale,
          width: scale, height: scale, colour: colour)
      }
    }
  }

  /// Fills a rectangle with its top left corner at `(x, y)`; what falls outside is cut off.
  package mutating func fill(x: Int, y: Int, width: Int, height: Int, colour: Colour) {
    for row in (y..<y + height).clamped(to: 0..<self.height) {
      for column in (x..<x + width).clamped(to: 0..<self.width) {
        let place = (row * self.width + column) * 3
        pixels[place] = colour.red
        pixels[place + 1] = colour.green
        pixels[place + 2] = colour.blue
      }
    }
  }
}
