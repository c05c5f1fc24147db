import Foundation
import Models
import Narration
import Reports

/// How often captions of a confidence are right: a reliability diagram (Murphy and Winkler 1977), as one self-contained picture that
/// follows the reader's light or dark theme.
package struct ReliabilityPlot: Sendable {
  private static let (left, right, top, bottom) = (64.0, 436.0, 68.0, 440.0)

  private let bins: [ConfidenceReport.Bin]
  private let title: String

  package init(_ bins: [ConfidenceReport.Bin], title: String) { (self.bins, self.title) = (bins, title) }

  /// The picture: a disc a bin, as large as it has captions, and the diagonal on which confidence is what it says.
  package var svg: String {
    var lines = [
      """
      <svg xmlns="http://www.w3.org/2000/svg" width="460" height="500" viewBox="0 0 460 500" role="img" \
      aria-label="\(Markup.escaped(title)): share of right captions by confidence">
      """,
      Self.style, #"<rect class="paper" width="460" height="500" rx="6"/>"#,
      #"<text class="title" x="24" y="32">\#(Markup.escaped(title))</text>"#,
      #"<text x="24" y="52">share of right captions by confidence; areas: numbers of captions</text>"#,
    ]
    for tick in stride(from: 0.0, through: 1, by: 0.2) {
      let (x, y) = (horizontal(tick), vertical(tick))
      lines.append(
        #"<path class="grid" d="M\#(Self.left) \#(y)H\#(Self.right)M\#(x) \#(Self.top)V\#(Self.bottom)"/>"#)
      let text = String(format: "%.1f", tick)
      lines.append(#"<text x="\#(Self.left - 8)" y="\#(y + 4)" text-anchor="end">\#(text)</text>"#)
      lines.append(#"<text x="\#(x)" y="\#(Self.bottom + 18)" text-anchor="middle">\#(text)</text>"#)
    }
    lines.append(#"<path class="ideal" d="M\#(Self.left) \#(Self.bottom)L\#(Self.right) \#(Self.top)"/>"#)
    lines.append(#"<text x="250" y="480" text-anchor="middle">confidence</text>"#)
    let most = Double(bins.map(\.captions).max() ?? 1)
    for bin in bins where bin.captions > 0 {
      let radius = rounded(max(2, 14 * (Double(bin.captions) / max(1, most)).squareRoot()))
      lines.append(
        #"<circle class="dot" cx="\#(horizontal(bin.confidence))" cy="\#(vertical(bin.right))" r="\#(radius)"/>"#
      )
    }
    return lines.joined(separator: "\n") + "\n</svg>\n"
  }

  private static let style = """
    <style>
    .paper{fill:#fff} text{font:12px system-ui,"DejaVu Sans",sans-serif;fill:#57606a}
    .title{font-size:15px;font-weight:600;fill:#1f2328} .grid{stroke:#d8dee4} .dot{fill:#0072b2;fill-opacity:.8}
    .ideal{stroke:#d55e00;stroke-width:2;stroke-dasharray:6 4}
    @media (prefers-color-scheme:dark){
    .paper{fill:#0d1117} text{fill:#9da7b3} .title{fill:#e6edf3} .grid{stroke:#262c34} .dot{fill:#56b4e9}
    .ideal{stroke:#f0a04b}
    }
    </style>
    """

  private func horizontal(_ share: Double) -> Double {
    rounded(Self.left + (Self.right - Self.left) * share)
  }

  private func vertical(_ share: Double) -> Double {
    rounded(Self.bottom - (Self.bottom - Self.top) * share)
  }

  private func rounded(_ x: Double) -> Double { (x * 100).rounded() / 100 }
}
