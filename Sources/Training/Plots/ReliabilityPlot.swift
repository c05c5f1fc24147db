import Drawing

/// How often captions of a confidence are right: a reliability diagram (Murphy and Winkler 1977), as one self-contained picture.
package struct ReliabilityPlot: Sendable {
  private let bins: [ConfidenceReport.Bin]
  private let title: String

  package init(_ bins: [ConfidenceReport.Bin], title: String) { (self.bins, self.title) = (bins, title) }

  /// - Throws: `DrawingError` where Cairo, Pango or a font is missing.
  package func svg() throws(DrawingError) -> String {
    try drawing.svg(title: "\(title): share of right captions by confidence")
  }

  /// Where the bins stand.
  package var area: PlotArea {
    let scale = AxisScale(from: 0, through: 1, step: 0.2)
    return PlotArea(
      Rectangle(x: 64, y: 68, width: 372, height: 372), horizontal: scale, vertical: scale)
  }

  /// A disc a bin, as large as it has captions, and the diagonal on which confidence is what it says.
  package var drawing: Drawing {
    let area = area
    var drawing = Drawing(width: 460, height: 500, background: PlotStyle.paper)
    drawing.write(title, at: Point(24, 32), PlotStyle.title, fit: .ellipsized(412))
    drawing.write(
      "share of right captions by confidence; areas: numbers of captions", at: Point(24, 52),
      PlotStyle.label)
    drawing.addGrid(area, isSquared: true)
    drawing.addFigures(area, .left)
    drawing.addFigures(area, .bottom)
    drawing.stroke(
      [area.point(0, 0), area.point(1, 1)], Stroke(PlotStyle.orange, width: 2, dashes: [6, 4]))
    drawing.write("confidence", at: Point(area.rectangle.middle.x, 484), PlotStyle.label, anchor: .middle)
    let most = Double(bins.map(\.captions).max() ?? 1)
    var disc = PlotStyle.blue
    disc.opacity = 0.8
    for bin in bins where bin.captions > 0 {
      let radius = max(2, 14 * (Double(bin.captions) / max(1, most)).squareRoot())
      drawing.circle(area.point(bin.confidence, bin.right), radius: radius, fill: disc)
    }
    return drawing
  }
}
