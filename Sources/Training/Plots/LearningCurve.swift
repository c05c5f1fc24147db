import Files
import Foundation
import Models
import Narration
import Reports

/// `metrics.svg`: losses (left axis) and CIDEr or accuracy (right axis) by epoch, as one self-contained picture that
/// follows the reader's light or dark theme.
package struct LearningCurve: Sendable {
  private static let (width, height) = (760.0, 420.0)
  private static let (left, right, top, bottom) = (64.0, 696.0, 76.0, 364.0)

  private struct Series {
    let name: String
    let style: String
    let points: [(epoch: Int, value: Double)]
  }

  private let losses: [Series]
  private let cider: Series
  private let title: String
  private let lastEpoch: Int

  package init(_ metrics: [EpochMetrics], title: String) {
    func series(_ name: String, _ style: String, _ value: (EpochMetrics) -> Double?) -> Series {
      let points = metrics.compactMap { entry in value(entry).map { (epoch: entry.epoch, value: $0) } }
      return Series(name: name, style: style, points: points.filter { $0.value.isFinite })
    }
    let training = series("training loss", "training") { $0.trainingLoss }
    let validation = series("validation loss", "validation") { $0.validationLoss }
    losses = [training, validation].filter { !$0.points.isEmpty }
    let labels = metrics.contains { $0.accuracy != nil }
    let shots = metrics.contains { $0.f1 != nil }
    cider =
      shots
      ? series("F1", "cider") { $0.f1 }
      : labels ? series("accuracy", "cider") { $0.accuracy } : series("CIDEr", "cider") { $0.cider }
    self.title = title
    lastEpoch = max(1, metrics.map(\.epoch).max() ?? 1)
  }

  /// Draws the curve of a log and writes it beside it.
  package static func write(_ metrics: [EpochMetrics], title: String, to path: String) throws(FileError) {
    try WholeFile.write(LearningCurve(metrics, title: title).svg.utf8, to: path)
  }

  /// The picture. Without metrics, empty axes.
  package var svg: String {
    let lossScale = PlotScale(covering: losses.flatMap { $0.points.map(\.value) }, ticks: 6)
    let ciderScale = PlotScale(covering: cider.points.map(\.value), ticks: 6)
    var lines = [header, Self.style, #"<rect class="paper" width="760" height="420" rx="6"/>"#]
    lines.append(#"<text class="title" x="24" y="32">\#(Self.escaped(title))</text>"#)
    lines += legend
    for tick in lossScale.ticks {
      let y = vertical(tick, lossScale)
      lines.append(#"<path class="grid" d="M\#(Self.left) \#(y)H\#(Self.right)"/>"#)
      lines.append(label(lossScale.text(tick), Self.left - 10, y, "end"))
    }
    for tick in cider.points.isEmpty ? [] : ciderScale.ticks {
      lines.append(label(ciderScale.text(tick), Self.right + 10, vertical(tick, ciderScale), "start"))
    }
    lines.append(#"<path class="axis" d="M\#(Self.left) \#(Self.bottom)H\#(Self.right)"/>"#)
    for epoch in stride(from: 1, through: lastEpoch, by: max(1, (lastEpoch + 19) / 20)) {
      lines.append(label("\(epoch)", horizontal(epoch), Self.bottom + 18, "middle"))
    }
    lines.append(#"<text class="name" x="380" y="404" text-anchor="middle">epoch</text>"#)
    for series in losses { lines += drawn(series, lossScale) }
    lines += drawn(cider, ciderScale)
    lines += best(ciderScale)
    return lines.joined(separator: "\n") + "\n</svg>\n"
  }

  private var header: String {
    """
    <svg xmlns="http://www.w3.org/2000/svg" width="760" height="420" viewBox="0 0 760 420" role="img" \
    aria-label="\(Self.escaped(title)): losses and \(cider.name) by epoch">
    """
  }

  /// Colours that those who see fewer of them tell apart (Okabe and Ito); losses also differ by dashes.
  private static let style = """
    <style>
    .paper{fill:#fff} text{font:12px system-ui,"DejaVu Sans",sans-serif;fill:#57606a}
    .title{font-size:15px;font-weight:600;fill:#1f2328} .grid{stroke:#d8dee4} .axis{stroke:#8c959f}
    .training,.validation{stroke:#0072b2} .validation{stroke-dasharray:6 4} .cider{stroke:#d55e00}
    .line{fill:none;stroke-width:2;stroke-linejoin:round;stroke-linecap:round}
    .dot.training,.dot.validation{fill:#0072b2;stroke:none} .dot.cider{fill:#d55e00;stroke:none}
    .best{fill:#d55e00;font-weight:600}
    @media (prefers-color-scheme:dark){
    .paper{fill:#0d1117} text{fill:#9da7b3} .title{fill:#e6edf3} .grid{stroke:#262c34} .axis{stroke:#656d76}
    .training,.validation{stroke:#56b4e9} .cider{stroke:#f0a04b}
    .dot.training,.dot.validation{fill:#56b4e9} .dot.cider,.best{fill:#f0a04b}
    }
    </style>
    """

  /// The names of the curves: losses above their axis, CIDEr above its own.
  private var legend: [String] {
    var lines: [String] = []
    var x = 24.0
    for series in losses {
      lines.append(#"<path class="line \#(series.style)" d="M\#(x) 54h26"/>"#)
      lines.append(#"<text class="name" x="\#(x + 34)" y="58">\#(series.name)</text>"#)
      x += 150
    }
    if !cider.points.isEmpty {
      lines.append(#"<path class="line cider" d="M666 54h26"/>"#)
      lines.append(#"<text class="name" x="736" y="58" text-anchor="end">\#(cider.name)</text>"#)
    }
    return lines
  }

  private func drawn(_ series: Series, _ scale: PlotScale) -> [String] {
    let places = series.points.map { (x: horizontal($0.epoch), y: vertical($0.value, scale)) }
    guard !places.isEmpty else { return [] }
    let line = places.map { "\($0.x) \($0.y)" }.joined(separator: "L")
    let dots = places.map { #"<circle class="dot \#(series.style)" cx="\#($0.x)" cy="\#($0.y)" r="3"/>"# }
    return [#"<path class="line \#(series.style)" d="M\#(line)"/>"#] + dots
  }

  /// The epoch that early stopping would choose, with its figure.
  private func best(_ scale: PlotScale) -> [String] {
    guard let best = cider.points.max(by: { $0.value < $1.value }) else { return [] }
    let (x, y) = (horizontal(best.epoch), vertical(best.value, scale))
    return [
      #"<circle class="line cider" cx="\#(x)" cy="\#(y)" r="6"/>"#,
      #"<text class="best" x="\#(x)" y="\#(y - 12)" text-anchor="middle">\#(String(format: "%.3f", best.value))</text>"#,
    ]
  }

  private func label(_ text: String, _ x: Double, _ y: Double, _ anchor: String) -> String {
    #"<text x="\#(x)" y="\#(y + 4)" text-anchor="\#(anchor)">\#(text)</text>"#
  }

  private func horizontal(_ epoch: Int) -> Double {
    guard lastEpoch > 1 else { return (Self.left + Self.right) / 2 }
    let (first, last) = (Self.left + 16, Self.right - 16)
    return rounded(first + (last - first) * Double(epoch - 1) / Double(lastEpoch - 1))
  }

  private func vertical(_ value: Double, _ scale: PlotScale) -> Double {
    rounded(Self.bottom - (Self.bottom - Self.top) * scale.share(value))
  }

  private func rounded(_ x: Double) -> Double { (x * 100).rounded() / 100 }

  static func escaped(_ text: String) -> String { Markup.escaped(text) }
}
