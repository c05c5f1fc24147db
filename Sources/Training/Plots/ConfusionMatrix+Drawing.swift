import Drawing
import Foundation

extension ConfusionMatrix {
  /// The matrix as one self-contained picture.
  /// - Throws: `DrawingError` where Cairo, Pango or a font is missing.
  package func svg() throws(DrawingError) -> String {
    try drawing().svg(title: "accuracy \(percent(accuracy)): labels by what they were taken for")
  }

  /// Truth downwards, found across, darker where more of a row.
  package func drawing() throws(DrawingError) -> Drawing {
    let (cell, margin) = (52.0, 16.0)
    let name = TextStyle(size: 14, color: PlotStyle.title.color)
    var longest = 0.0
    for label in labels { longest = max(longest, min(320, try name.width(of: label))) }
    // The names across lean by an eighth of a turn.
    let (left, top) = (margin + longest + 10, 44 + margin + longest * 0.75)
    let side = cell * Double(labels.count)
    let title = "accuracy \(percent(accuracy)): truth downwards, found across"
    let width = max(
      left + side + margin + max(60, longest * 0.75), try PlotStyle.title.width(of: title) + 2 * margin)
    var drawing = Drawing(
      width: Int(width.rounded(.up)), height: Int((top + side + margin).rounded(.up)),
      background: PlotStyle.paper)
    drawing.write(title, at: Point(margin, 32), PlotStyle.title)
    for (row, label) in labels.enumerated() {
      let middle = top + (Double(row) + 0.5) * cell
      let line = middle + name.halfCapital
      drawing.write(label, at: Point(left - 10, line), name, anchor: .end, fit: .ellipsized(320))
      drawing.write(
        label, at: Point(left + (Double(row) + 0.5) * cell + 5, top - 10), name, fit: .ellipsized(320),
        turn: -45)
      let total = max(1, counts[row].reduce(0, +))
      for (column, count) in counts[row].enumerated() {
        let share = Double(count) / Double(total)
        let square = Rectangle(
          x: left + Double(column) * cell, y: top + Double(row) * cell, width: cell - 2, height: cell - 2)
        drawing.add(count, share: share, in: square)
      }
      let share = accuracies[row].map { String(format: "%.0f %%", $0 * 100) } ?? "–"
      drawing.write(share, at: Point(left + side + 8, line), name)
    }
    return drawing
  }

  private func percent(_ share: Double) -> String { String(format: "%.1f %%", share * 100) }
}

extension Drawing {
  /// A number, on a ground that is the darker the larger its share of a row is.
  fileprivate mutating func add(_ count: Int, share: Double, in square: Rectangle) {
    let shade = UInt8(245 - 200 * share)
    fill(square, radius: 2, Color(red: shade, green: shade, blue: 245))
    guard count > 0 else { return }
    let style = TextStyle(size: 14, color: Color(share > 0.5 ? 0xFFFFFF : 0x1F2328))
    let line = square.middle.y + style.halfCapital
    write("\(count)", at: Point(square.middle.x, line), style, anchor: .middle)
  }
}
