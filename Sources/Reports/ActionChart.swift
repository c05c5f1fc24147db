import Algorithms
import Drawing
import Media
import Narration

/// Draws what is done in a video over time: a band for each interval of each label, its probability in it and a frame of it above.
package struct ActionChart: Sendable {
  private let labeling: Labeling
  /// One for each interval.
  private let frames: [Image]
  private let title: String

  /// - Parameters:
  ///   - path: the video, which is read once more for its frames.
  ///   - title: what stands above, such as the file's name.
  /// - Throws: `MediaError` when it can no longer be read.
  package init(_ labeling: Labeling, of path: String, title: String) throws(MediaError) {
    let middles = labeling.intervals.map { ($0.start + $0.end) / 2 }
    let order = middles.indices.sorted { middles[$0] < middles[$1] }
    let stills = try VideoFile.stills(
      of: path, at: order.map { middles[$0] }, coveringSide: Int(ActionChartLook.frameHeight))
    var frames = [Image?](repeating: nil, count: order.count)
    for (still, index) in zip(stills, order) { frames[index] = Self.fitted(still) }
    (self.labeling, self.title) = (labeling, title)
    self.frames = frames.compactMap(\.self)
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
    let labels = Array(labeling.intervals.map(\.label).uniqued())
    for line in 0..<max(1, Int((labeling.duration / seconds - 1e-9).rounded(.up))) {
      let from = labeling.start + Double(line) * seconds
      let axis = TimeAxis(
        from: from, to: min(from + seconds, labeling.start + labeling.duration),
        pixelsPerSecond: (Look.width - Look.margin - Look.left) / seconds)
      let inside = labeling.intervals.indices.filter {
        labeling.intervals[$0].start < axis.to && labeling.intervals[$0].end > axis.from
      }
      for (number, label) in labels.enumerated() {
        let row = inside.filter { labeling.intervals[$0].label == label }
        guard !row.isEmpty else { continue }
        let bands = row.map { (labeling.intervals[$0], frames[$0]) }
        let color = Look.colors[number % Look.colors.count]
        y = try drawing.addBands(bands, color, axis, at: y)
      }
      if inside.isEmpty { y = drawing.addEmptyRow(axis, at: y) }
      y = try drawing.addTimes(axis, at: y) + Look.lineGap
    }
    drawing.height = Int((y + Look.margin - Look.lineGap).rounded(.up))
    return drawing
  }
}
