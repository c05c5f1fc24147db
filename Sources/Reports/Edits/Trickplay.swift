import Files
import Foundation
import Media

/// Small pictures of a video at even distances, in sheets of a hundred, and WebVTT that says from when to when each is shown and where it
/// stands (`sheet.jpg#xywh=0,0,160,90`): what players show over their timeline. Only one sheet is kept at a time.
package struct Trickplay {
  /// Pictures in a row, and rows in a sheet.
  private static let side = 10
  /// Shorter side of a picture, in pixels.
  private static let pictureSide = 90
  /// Of a picture, in pixels: frames far longer than wide have no more.
  private static let longestSide = 320
  /// Seconds between pictures, at least and at most; between, as many as make one sheet.
  private static let interval = 1.0...10.0

  /// What sheets are called before their number.
  private let name: String
  private let interval: Double
  private let keep: (_ name: String, _ sheet: [UInt8]) throws -> Void
  /// Of every picture, by the first one.
  private var size: (width: Int, height: Int)?
  private var sheet: [Image] = []
  /// When each picture begins to be shown, in seconds since the first frame.
  private var times: [Double] = []
  private var start: Double?

  /// - Parameters:
  ///   - name: of the files, before `.trickplay.vtt`
  ///   - duration: of the video in seconds, if known
  ///   - keep: given each sheet's file name and JPEG as it is full
  package init(
    _ name: String, duration: Double?, keep: @escaping (_ name: String, _ sheet: [UInt8]) throws -> Void
  ) {
    (self.name, self.keep) = (name, keep)
    let even = ((duration ?? .infinity) / Double(Self.side * Self.side)).rounded(.up)
    interval = min(max(Self.interval.lowerBound, even), Self.interval.upperBound)
  }

  /// Takes a frame, if it is time for a picture.
  /// - Parameter image: gives it, its shorter side of so many pixels
  package mutating func append(_ time: Double, _ image: (_ side: Int) throws -> Image) throws {
    let start = start ?? time
    self.start = start
    let since = time - start
    if let last = times.last, since < (last / interval).rounded(.down) * interval + interval { return }
    var picture = try image(Self.pictureSide)
    let size =
      size ?? (min(picture.width, Self.longestSide), min(picture.height, Self.longestSide))
    self.size = size
    if (picture.width, picture.height) != size {
      picture = picture.resized(width: size.width, height: size.height)
    }
    times.append(since)
    sheet.append(picture)
    if sheet.count == Self.side * Self.side { try flush() }
  }

  /// The last sheet, and the text.
  /// - Parameter end: of the video, in seconds
  package mutating func finish(end: Double) throws -> String {
    if !sheet.isEmpty { try flush() }
    let size = size ?? (1, 1)
    let ends = times.dropFirst() + [max(end - (start ?? 0), (times.last ?? 0) + 0.001)]
    return "WEBVTT\n"
      + zip(times, ends).enumerated().map { index, cue in
        let place = index % (Self.side * Self.side)
        return """

          \(Timecode.cue(cue.0, cue.1, isSubRip: false))
          \(FileAddress.escaped(sheetName(index / (Self.side * Self.side)).utf8))#xywh=\(place % Self.side * size.width),\
          \(place / Self.side * size.height),\(size.width),\(size.height)

          """
      }.joined()
  }

  private func sheetName(_ index: Int) -> String { "\(name).trickplay-\(index + 1).jpg" }

  private mutating func flush() throws {
    guard let size else { return }
    let columns = min(Self.side, sheet.count)
    let width = columns * size.width
    let rows = (sheet.count + Self.side - 1) / Self.side
    var pixels = [UInt8](repeating: 0, count: 3 * width * rows * size.height)
    for (index, picture) in sheet.enumerated() {
      let (column, row) = (index % Self.side, index / Self.side)
      for line in 0..<size.height {
        let target = 3 * ((row * size.height + line) * width + column * size.width)
        let source = 3 * line * size.width
        pixels.replaceSubrange(
          target..<target + 3 * size.width, with: picture.pixels[source..<source + 3 * size.width])
      }
    }
    let image = Image(width: width, height: rows * size.height, pixels: pixels)
    let number = (times.count - 1) / (Self.side * Self.side)
    try keep(sheetName(number), image.jpegData())
    sheet = []
  }
}
