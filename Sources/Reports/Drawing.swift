import Foundation
import Media
import Narration

/// Rectangles, text and pictures, painted in their order, as PNG or SVG.
struct Drawing {
  enum Mark {
    case rectangle(x: Int, y: Int, width: Int, height: Int, colour: Canvas.Colour)
    /// One line with its top left corner at `(x, y)`, in the bitmap font's measure.
    case text(String, x: Int, y: Int, colour: Canvas.Colour)
    case picture(Image, x: Int, y: Int)
  }

  /// Of the text, as `Canvas.write` takes it.
  static let textScale = 2
  static let textHeight = BitmapFont.glyphHeight * textScale

  /// Characters that fit into a width.
  static func characters(in width: Int) -> Int { max(0, (width / textScale + 1) / BitmapFont.advance) }

  var width: Int
  var height: Int
  var background: Canvas.Colour
  var marks: [Mark] = []

  /// The bytes of a PNG file.
  func png() throws(MediaError) -> [UInt8] {
    var canvas = Canvas(width: width, height: height, background: background)
    for mark in marks {
      switch mark {
      case .rectangle(let x, let y, let width, let height, let colour):
        canvas.fill(x: x, y: y, width: width, height: height, colour: colour)
      case .text(let text, let x, let y, let colour):
        canvas.write(text, x: x, y: y, scale: Self.textScale, colour: colour)
      case .picture(let picture, let x, let y): canvas.paste(picture, x: x, y: y)
      }
    }
    return try canvas.image.pngData()
  }

  /// The text of an SVG file (SVG 1.1), its pictures inside.
  func svg(title: String) throws(MediaError) -> String {
    var lines = [
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"\(width)\" height=\"\(height)\""
        + " viewBox=\"0 0 \(width) \(height)\" font-family=\"ui-monospace, monospace\" font-size=\"\(Self.textHeight)\">",
      "<title>\(Markup.escaped(title))</title>",
      "<rect width=\"100%\" height=\"100%\" fill=\"\(Self.hexadecimal(background))\"/>",
    ]
    for mark in marks {
      switch mark {
      case .rectangle(let x, let y, let width, let height, let colour):
        lines.append(
          "<rect x=\"\(x)\" y=\"\(y)\" width=\"\(width)\" height=\"\(height)\" fill=\"\(Self.hexadecimal(colour))\"/>"
        )
      case .text(let text, let x, let y, let colour):
        // As wide as in the bitmap font, whatever the reader's own font is.
        let length = BitmapFont.width(of: text) * Self.textScale
        lines.append(
          "<text x=\"\(x)\" y=\"\(y + Self.textHeight * 7 / 9)\" textLength=\"\(length)\""
            + " lengthAdjust=\"spacingAndGlyphs\" fill=\"\(Self.hexadecimal(colour))\">\(Markup.escaped(text))</text>"
        )
      case .picture(let picture, let x, let y):
        let data = Data(try picture.jpegData()).base64EncodedString()
        lines.append(
          "<image x=\"\(x)\" y=\"\(y)\" width=\"\(picture.width)\" height=\"\(picture.height)\""
            + " href=\"data:image/jpeg;base64,\(data)\"/>")
      }
    }
    return lines.joined(separator: "\n") + "\n</svg>\n"
  }

  private static func hexadecimal(_ colour: Canvas.Colour) -> String {
    String(format: "#%02x%02x%02x", colour.red, colour.green, colour.blue)
  }
}
