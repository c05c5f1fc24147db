import Foundation
import Media
import Narration

/// Draws what is done in a video over time: a band for each interval of each label, its probability in it and a frame of it above.
public struct ActionChart {
  private static let width = 1200
  private static let margin = 16
  /// Where the bands begin: left of it stand the labels.
  private static let left = 284
  private static let bandHeight = 26
  private static let frameHeight = 72
  private static let gap = 6
  private static let background: Canvas.Colour = (18, 20, 24)
  private static let ink: Canvas.Colour = (240, 240, 236)
  private static let faintInk: Canvas.Colour = (140, 146, 156)
  private static let darkInk: Canvas.Colour = (12, 14, 18)
  private static let ground: Canvas.Colour = (38, 42, 50)
  /// Light enough for dark ink, one for each label in turn.
  private static let colours: [Canvas.Colour] = [
    (120, 190, 255), (255, 180, 110), (140, 220, 150), (240, 150, 180), (200, 170, 255), (235, 215, 110),
    (120, 215, 215), (255, 160, 140),
  ]

  private let drawing: Drawing
  private let title: String

  /// - Parameters:
  ///   - path: the video, which is read once more for its frames.
  ///   - title: what stands above, such as the file's name.
  /// - Throws: `MediaError` when it can no longer be read.
  public init(_ labeling: Labeling, of path: String, title: String) throws(MediaError) {
    let middles = labeling.intervals.map { ($0.start + $0.end) / 2 }
    let order = middles.indices.sorted { middles[$0] < middles[$1] }
    let stills = try VideoFile.stills(
      of: path, at: order.map { middles[$0] }, coveringSide: Self.frameHeight)
    var frames = [Image?](repeating: nil, count: order.count)
    for (still, index) in zip(stills, order) { frames[index] = Self.fitted(still) }
    self.title = title
    drawing = Self.drawn(labeling, frames.compactMap(\.self), title)
  }

  /// The bytes of a PNG file.
  public func png() throws(MediaError) -> [UInt8] { try drawing.png() }

  /// The text of an SVG file.
  public func svg() throws(MediaError) -> String { try drawing.svg(title: title) }

  /// As high as the row, and no wider than a panorama needs to be seen.
  private static func fitted(_ image: Image) -> Image {
    let width = image.width * frameHeight / max(1, image.height)
    return image.resized(width: min(max(width, 8), frameHeight * 2), height: frameHeight)
  }

  private static func drawn(_ labeling: Labeling, _ frames: [Image], _ title: String) -> Drawing {
    var drawing = Drawing(width: width, height: 0, background: background)
    var y = margin
    drawing.marks.append(.text(cut(title, width - 2 * margin), x: margin, y: y, colour: ink))
    y += Drawing.textHeight + 2 * gap
    // A minute a line, more where there would be too many lines to look at.
    let seconds = max(1, min(labeling.duration, max(60, labeling.duration / 24)))
    let labels = labeling.intervals.map(\.label).reduce(into: [String]()) {
      if !$0.contains($1) { $0.append($1) }
    }
    for line in 0..<max(1, Int((labeling.duration / seconds - 1e-9).rounded(.up))) {
      let from = labeling.start + Double(line) * seconds
      let axis = Axis(
        from: from, to: min(from + seconds, labeling.start + labeling.duration),
        pixelsPerSecond: Double(width - margin - left) / seconds)
      let inside = labeling.intervals.indices.filter {
        labeling.intervals[$0].start < axis.to && labeling.intervals[$0].end > axis.from
      }
      for (number, label) in labels.enumerated() {
        let row = inside.filter { labeling.intervals[$0].label == label }
        guard !row.isEmpty else { continue }
        let bands = row.map { (labeling.intervals[$0], frames[$0]) }
        y = add(bands, colour: colours[number % colours.count], axis, at: y, to: &drawing)
      }
      if inside.isEmpty { y = addNothing(axis, at: y, to: &drawing) }
      y = axis.add(to: &drawing, at: y) + 2 * gap
    }
    drawing.height = y + margin - 2 * gap
    return drawing
  }

  /// One label's row: frames above, bands below.
  private static func add(
    _ bands: [(interval: Labeling.Interval, frame: Image)], colour: Canvas.Colour, _ axis: Axis, at y: Int,
    to drawing: inout Drawing
  ) -> Int {
    let bandY = y + frameHeight + 2
    drawing.marks.append(
      .rectangle(x: left, y: bandY, width: axis.x(axis.to) - left, height: bandHeight, colour: ground))
    let names = wrapped(bands[0].interval.label, width: left - 2 * margin)
    for (line, name) in names.enumerated() {
      let lift = (names.count - 1 - line) * (Drawing.textHeight + 2)
      drawing.marks.append(.text(name, x: margin, y: bandY + 4 - lift, colour: ink))
    }
    var free = left
    for (interval, frame) in bands {
      let (start, end) = (axis.x(max(interval.start, axis.from)), axis.x(min(interval.end, axis.to)))
      // A pixel's gap, so that neighbours can be told apart.
      drawing.marks.append(
        .rectangle(x: start, y: bandY, width: max(2, end - start - 1), height: bandHeight, colour: colour))
      let percent = "\(Int((interval.probability * 100).rounded()))%"
      if percent.count <= Drawing.characters(in: end - start - 8) {
        drawing.marks.append(.text(percent, x: start + 4, y: bandY + 4, colour: darkInk))
      }
      // Where bands are narrower than frames, as many frames as there is room for.
      let x = min(max((start + end - frame.width) / 2, left), width - margin - frame.width)
      guard x >= free else { continue }
      drawing.marks.append(.picture(frame, x: x, y: y))
      free = x + frame.width + 2
    }
    return bandY + bandHeight + gap
  }

  private static func addNothing(_ axis: Axis, at y: Int, to drawing: inout Drawing) -> Int {
    drawing.marks.append(
      .rectangle(x: left, y: y, width: axis.x(axis.to) - left, height: bandHeight, colour: ground))
    drawing.marks.append(.text("nothing recognised", x: margin, y: y + 4, colour: faintInk))
    return y + bandHeight + gap
  }

  /// A line's stretch of time.
  private struct Axis {
    let from: Double
    let to: Double
    let pixelsPerSecond: Double

    func x(_ time: Double) -> Int { left + Int(((time - from) * pixelsPerSecond).rounded()) }

    /// Ticks and times below a line. Returns where they end.
    func add(to drawing: inout Drawing, at y: Int) -> Int {
      let steps = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 43200, 86400].map(
        Double.init)
      let step = steps.first { $0 * pixelsPerSecond >= 90 } ?? 1e9
      for number in stride(from: 0.0, through: (to - from) / step, by: 1) {
        let time = from + number * step
        drawing.marks.append(.rectangle(x: x(time), y: y - 2, width: 1, height: 6, colour: faintInk))
        let text = Timecode.short(time + 1e-6)
        let textX = min(x(time), width - margin - BitmapFont.width(of: text) * Drawing.textScale)
        drawing.marks.append(.text(text, x: textX, y: y + 6, colour: faintInk))
      }
      return y + 6 + Drawing.textHeight
    }
  }

  private static func cut(_ text: String, _ width: Int) -> String {
    let room = Drawing.characters(in: width)
    return text.count <= room ? text : text.prefix(max(0, room - 2)) + ".."
  }

  /// At most three lines, parted between words.
  private static func wrapped(_ text: String, width: Int) -> [String] {
    let room = Drawing.characters(in: width)
    var lines = [""]
    for word in text.split(separator: " ") {
      let longer = lines[lines.count - 1].isEmpty ? String(word) : lines[lines.count - 1] + " " + word
      if longer.count <= room || lines[lines.count - 1].isEmpty || lines.count == 3 {
        lines[lines.count - 1] = longer
      } else {
        lines.append(String(word))
      }
    }
    return lines.map { cut($0, width) }
  }
}
