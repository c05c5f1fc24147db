import Algorithms
import Drawing
import Media
import Narration

/// Draws what is done in a video over time: a band for each interval of each label, its probability in it and a frame of it above.
package struct ActionChart: Sendable {
  /// Frames that are looked for in the video, at most.
  private static let frameLimit = 1000
  /// Rows of bands, at most: a picture has only so many pixels, and nobody looks at more.
  private static let rowLimit = 240

  private let labeling: Labeling
  /// Of each interval, if there are not too many.
  private let frames: [Image?]
  private let title: String

  /// - Parameters:
  ///   - path: the video, which is read once more for its frames.
  ///   - title: what stands above, such as the file's name.
  /// - Throws: `MediaError` when it can no longer be read.
  package init(_ labeling: Labeling, of path: String, title: String) throws(MediaError) {
    let intervals = labeling.intervals
    let middles = intervals.map { ($0.start + $0.end) / 2 }
    let longest = intervals.indices.sorted { intervals[$0].length > intervals[$1].length }
    let order = longest.prefix(Self.frameLimit).sorted { middles[$0] < middles[$1] }
    let stills = try VideoFile.stills(
      of: path, at: order.map { middles[$0] }, coveringSide: Int(ActionChartLook.frameHeight))
    var frames = [Image?](repeating: nil, count: intervals.count)
    for (still, index) in zip(stills, order) { frames[index] = Self.fitted(still) }
    (self.labeling, self.title, self.frames) = (labeling, title, frames)
  }

  /// The bytes of a PNG file.
  package func png() throws(DrawingError) -> [UInt8] { try drawing().png() }

  /// The text of an SVG file.
  package func svg() throws(DrawingError) -> String { try drawing().svg(title: title) }

  /// As high as the row, and no wider than a panorama needs to be seen.
  private static func fitted(_ image: Image) -> Image {
    let height = Int(ActionChartLook.frameHeight)
    let width = image.width * height / max(1, image.height)
    return image.resized(width: min(max(width, 8), height * 2), height: height)
  }

  private func drawing() throws(DrawingError) -> Drawing {
    typealias Look = ActionChartLook
    var drawing = Drawing(width: Int(Look.width), height: 0, background: Look.background)
    var y = Look.margin + Look.title.size
    drawing.write(
      title, at: Point(Look.margin, y), Look.title, fit: .ellipsized(Look.width - 2 * Look.margin))
    y += Look.title.size
    // A minute a line, more where there would be too many lines to look at.
    let seconds = max(1, min(labeling.duration, max(60, labeling.duration / 24)))
    let axes = (0..<max(1, Int(bounded: (labeling.duration / seconds - 1e-9).rounded(.up)))).map { line in
      let from = labeling.start + Double(line) * seconds
      return TimeAxis(
        from: from, to: min(from + seconds, labeling.start + labeling.duration),
        pixelsPerSecond: (Look.width - Look.margin - Look.left) / seconds)
    }
    let rows = rows(axes)
    for (line, axis) in axes.enumerated() {
      for row in rows[line] {
        let bands = row.intervals.map { (labeling.intervals[$0], frames[$0]) }
        y = try drawing.addBands(bands, Look.colors[row.label % Look.colors.count], axis, at: y)
      }
      if rows[line].isEmpty { y = drawing.addEmptyRow(axis, at: y) }
      y = try drawing.addTimes(axis, at: y) + Look.lineGap
    }
    drawing.height = Int(bounded: (y + Look.margin - Look.lineGap).rounded(.up))
    return drawing
  }

  /// One label in one line.
  private struct Row {
    /// Its number among the labels.
    let label: Int
    /// Indices of the intervals that reach into the line.
    let intervals: [Int]
  }

  /// The rows of each line. Where there are too many, those of the labels that last longest.
  private func rows(_ axes: [TimeAxis]) -> [[Row]] {
    let intervals = labeling.intervals
    let labels = Array(intervals.map(\.label).uniqued())
    let all = Dictionary(grouping: intervals.indices) { intervals[$0].label }
    let byLabel = labels.enumerated().map { number, label in
      axes.map { axis in
        let inside = (all[label] ?? []).filter {
          intervals[$0].start < axis.to && intervals[$0].end > axis.from
        }
        return inside.isEmpty ? nil : Row(label: number, intervals: inside)
      }
    }
    let seconds = labels.map { (all[$0] ?? []).reduce(0) { $0 + intervals[$1].length } }
    var (kept, room) = (Set<Int>(), Self.rowLimit)
    for label in labels.indices.sorted(by: { seconds[$0] > seconds[$1] }) {
      room -= byLabel[label].count { $0 != nil }
      guard room >= 0 else { break }
      kept.insert(label)
    }
    return axes.indices.map { line in labels.indices.filter(kept.contains).compactMap { byLabel[$0][line] } }
  }
}

extension Labeling.Interval {
  fileprivate var length: Double { end - start }
}
