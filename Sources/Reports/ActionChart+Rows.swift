import Drawing
import Media
import Models
import Narration

/// Sizes, in pixels, and colors of an `ActionChart`.
enum ActionChartLook {
  static let width = 1200.0
  static let margin = 16.0
  /// Where the bands begin: left of it stand the labels.
  static let left = 284.0
  static let bandHeight = 26.0
  static let bandRadius = 3.0
  static let frameHeight = 72.0
  static let rowGap = 8.0
  static let lineGap = 16.0
  static let background = Color(0x121418)
  static let ground = Color(0x262A32)
  static let tick = Color(0x8C929C)
  static let title = TextStyle(size: 18, weight: .bold, color: Color(0xF0F0EC))
  static let label = TextStyle(size: 15, color: Color(0xF0F0EC))
  static let nothing = TextStyle(size: 15, color: Color(0x8C929C))
  static let percent = TextStyle(size: 13, weight: .bold, color: Color(0x0C0E12))
  static let time = TextStyle(size: 13, color: Color(0x8C929C))
  /// Light enough for dark ink, one for each label in turn.
  static let colors: [Color] = [
    Color(0x78BEFF), Color(0xFFB46E), Color(0x8CDC96), Color(0xF096B4), Color(0xC8AAFF),
    Color(0xEBD76E), Color(0x78D7D7), Color(0xFFA08C),
  ]
}

/// A line's stretch of time.
struct TimeAxis {
  let from: Double
  let to: Double
  let pixelsPerSecond: Double

  func x(_ time: Double) -> Double {
    ActionChartLook.left + ((time - from) * pixelsPerSecond).rounded()
  }
}

extension Drawing {
  private typealias Look = ActionChartLook

  /// One label's row: frames above, bands below.
  /// - Returns: where the next row begins.
  mutating func addBands(
    _ bands: [(interval: Labeling.Interval, frame: Image?)], _ color: Color, _ axis: TimeAxis, at y: Double
  ) throws(DrawingError) -> Double {
    let bandY = y + Look.frameHeight + 2
    addGround(axis, at: bandY)
    try addLabel(bands[0].interval.label, at: bandY)
    var (free, last) = (Look.left, -Double.infinity)
    for (interval, frame) in bands {
      let (start, end) = (axis.x(max(interval.start, axis.from)), axis.x(min(interval.end, axis.to)))
      // Two that begin in the same pixel are one to the eye.
      guard start > last else { continue }
      last = start
      // A pixel's gap, so that neighbors can be told apart.
      let band = Rectangle(x: start, y: bandY, width: max(2, end - start - 1), height: Look.bandHeight)
      fill(band, radius: Look.bandRadius, color)
      let percent = "\(Int(bounded: (min(max(0, interval.probability), 1) * 100).rounded()))%"
      if try Look.percent.width(of: percent) <= band.width - 10 {
        write(percent, at: Point(start + 6, band.middle.y + Look.percent.halfCapital), Look.percent)
      }
      // Where bands are narrower than frames, as many frames as there is room for.
      guard let frame else { continue }
      let width = Double(frame.width)
      let middle = ((start + end - width) / 2).rounded()
      let x = min(max(middle, Look.left), Look.width - Look.margin - width)
      guard x >= free else { continue }
      show(frame, at: Point(x, y))
      free = x + width + 2
    }
    return bandY + Look.bandHeight + Look.rowGap
  }

  /// A label of at most three lines, of which the last stands beside the band.
  private mutating func addLabel(_ label: String, at bandY: Double) throws(DrawingError) {
    let fit = TextFit.wrapped(Look.left - 2 * Look.margin, lines: 3)
    let extent = try Look.label.extent(of: label, fit: fit)
    let last = bandY + Look.bandHeight / 2 + Look.label.halfCapital
    let first = last - Double(extent.lines - 1) * extent.lineHeight
    write(label, at: Point(Look.margin, first), Look.label, fit: fit)
  }

  mutating func addEmptyRow(_ axis: TimeAxis, at y: Double) -> Double {
    addGround(axis, at: y)
    let line = y + Look.bandHeight / 2 + Look.nothing.halfCapital
    write("nothing recognised", at: Point(Look.margin, line), Look.nothing)
    return y + Look.bandHeight + Look.rowGap
  }

  private mutating func addGround(_ axis: TimeAxis, at y: Double) {
    let width = axis.x(axis.to) - Look.left
    fill(
      Rectangle(x: Look.left, y: y, width: width, height: Look.bandHeight), radius: Look.bandRadius,
      Look.ground)
  }

  /// Ticks and times below a line.
  /// - Returns: where they end.
  mutating func addTimes(_ axis: TimeAxis, at y: Double) throws(DrawingError) -> Double {
    let steps = [
      1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 43200, 86400,
    ].map(Double.init)
    // A file may claim to last for years.
    let days = max(1, (90 / axis.pixelsPerSecond / 86400).rounded(.up))
    let step = steps.first { $0 * axis.pixelsPerSecond >= 90 } ?? days * 86400
    for number in stride(from: 0.0, through: (axis.to - axis.from) / step, by: 1) {
      let time = axis.from + number * step
      let x = axis.x(time)
      fill(Rectangle(x: x, y: y - 4, width: 1, height: 6), Look.tick)
      let text = Timecode.short(time + 1e-6)
      let room = Look.width - Look.margin - (try Look.time.width(of: text))
      write(text, at: Point(min(x, room), y + 4 + Look.time.size), Look.time)
    }
    return y + 8 + Look.time.size
  }
}
