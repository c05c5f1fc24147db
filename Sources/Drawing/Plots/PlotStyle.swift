/// How plots look: dark on white paper, in colors that those who see fewer of them tell apart (Okabe and Ito 2008).
package enum PlotStyle {
  package static let paper = Color(0xFFFFFF)
  package static let blue = Color(0x0072B2)
  package static let orange = Color(0xD55E00)
  package static let title = TextStyle(size: 15, weight: .bold, color: Color(0x1F2328))
  package static let label = TextStyle(size: 12, color: Color(0x57606A))
  static let grid = Stroke(Color(0xD8DEE4))
  static let axis = Stroke(Color(0x8C959F))
}
