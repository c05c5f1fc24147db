import Drawing
import Files
import Foundation

/// `metrics.svg`: losses (left axis) and CIDEr, accuracy, average precision, F1 or BLEU (right axis) by epoch, as one self-contained picture.
package struct LearningCurve: Sendable {
  private static let rectangle = Rectangle(x: 64, y: 76, width: 632, height: 288)

  private let losses: [PlotSeries]
  private let score: PlotSeries
  private let title: String
  private let lastEpoch: Int

  package init(_ metrics: [EpochMetrics], title: String) {
    func series(_ name: String, _ stroke: Stroke, _ value: (EpochMetrics) -> Double?) -> PlotSeries {
      let points = metrics.compactMap { entry in value(entry).map { (x: Double(entry.epoch), y: $0) } }
      return PlotSeries(name, stroke, points: points.filter { $0.y.isFinite })
    }
    // Told apart by their dashes, too.
    let training = series("training loss", Stroke(PlotStyle.blue, width: 2)) { $0.trainingLoss }
    let validation = series("validation loss", Stroke(PlotStyle.blue, width: 2, dashes: [6, 4])) {
      $0.validationLoss
    }
    losses = [training, validation].filter { !$0.points.isEmpty }
    let isLabels = metrics.contains { $0.accuracy != nil }
    let isShots = metrics.contains { $0.f1 != nil }
    let isWords = metrics.contains { $0.averagePrecision != nil }
    let isTranslations = metrics.contains { $0.bleu != nil }
    let stroke = Stroke(PlotStyle.orange, width: 2)
    score =
      if isShots {
        series("F1", stroke) { $0.f1 }
      } else if isLabels {
        series("accuracy", stroke) { $0.accuracy }
      } else if isWords {
        series("average precision", stroke) { $0.averagePrecision }
      } else if isTranslations {
        series("BLEU", stroke) { $0.bleu }
      } else {
        series("CIDEr", stroke) { $0.cider }
      }
    self.title = title
    lastEpoch = max(1, metrics.map(\.epoch).max() ?? 1)
  }

  /// Draws the curve of a log and writes it beside it.
  /// - Throws: `DrawingError`, `FileError`
  package static func write(_ metrics: [EpochMetrics], title: String, to path: String) throws {
    try WholeFile.write(LearningCurve(metrics, title: title).svg().utf8, to: path)
  }

  /// The picture. Without metrics, empty axes.
  package func svg() throws(DrawingError) -> String {
    try drawing().svg(title: "\(title): losses and \(score.name) by epoch")
  }

  /// Where the losses stand, and where the score.
  package var areas: (losses: PlotArea, score: PlotArea) {
    let epochs = AxisScale(
      from: 1, through: Double(lastEpoch), step: Double(max(1, (lastEpoch + 19) / 20)))
    func area(_ series: [PlotSeries]) -> PlotArea {
      let scale = AxisScale(covering: series.flatMap { $0.points.map(\.y) }, steps: 6)
      return PlotArea(Self.rectangle, horizontal: epochs, vertical: scale, inset: 16)
    }
    return (area(losses), area([score]))
  }

  package func drawing() throws(DrawingError) -> Drawing {
    var drawing = Drawing(width: 760, height: 420, background: PlotStyle.paper)
    drawing.write(title, at: Point(24, 32), PlotStyle.title, fit: .ellipsized(712))
    let (left, right) = areas
    drawing.addGrid(left)
    drawing.addBase(left)
    drawing.addFigures(left, .left)
    drawing.addFigures(left, .bottom)
    drawing.write("epoch", at: Point(Self.rectangle.middle.x, 404), PlotStyle.label, anchor: .middle)
    // The names of the curves: losses above their axis, the score above its own.
    var place = Point(24, 54)
    for series in losses { place = try drawing.addLegend(series, at: place) }
    if !score.points.isEmpty {
      drawing.addFigures(right, .right)
      let width = try PlotStyle.label.width(of: score.name)
      _ = try drawing.addLegend(score, at: Point(736 - 34 - width, 54))
    }
    for series in losses { drawing.add(series, in: left) }
    drawing.add(score, in: right)
    addBest(to: &drawing, right)
    return drawing
  }

  /// The epoch that early stopping would choose, with its figure.
  private func addBest(to drawing: inout Drawing, _ area: PlotArea) {
    guard let best = score.points.max(by: { $0.y < $1.y }) else { return }
    let point = area.point(best.x, best.y)
    let style = TextStyle(size: 12, weight: .bold, color: PlotStyle.orange)
    drawing.circle(point, radius: 6, stroke: score.stroke)
    drawing.write(
      String(format: "%.3f", best.y), at: Point(point.x, point.y - 12), style, anchor: .middle)
  }
}
