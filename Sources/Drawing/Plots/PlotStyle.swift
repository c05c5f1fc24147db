/// How plots look: dark on white paper, in colours that those who see fewer of them tell apart (Okabe and Ito 2008).
package enum PlotStyle {
  package static let paper = Colour(0xFFFFFF)
  package static let blue = Colour(0x0072B2)
  package static let orange = Colour(0xD55E00)
  package static let title = TextStyle(size: 15, weight: .bold, colour: Colour(0x1F2328))
  package static let label = TextStyle(size: 12, colour: Colour(0x57606A))
  static let grid = Stroke(Colour(0xD8DEE4))
  static let axis = Stroke(Colour(0x8C959F))
}
