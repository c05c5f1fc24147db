import Drawing
import Media
import Testing

@Suite struct PlotTests {
  @Test func figuresAreRoundAndHoldAllValues() {
    let cases: [([Double], [Double], [String])] = [
      ([0.237, 0.496], [0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5], ["0.20", "0.50"]),
      ([0, 1], [0, 0.2, 0.4, 0.6, 0.8, 1], ["0.0", "1.0"]),
      ([-3, 12], [-5, -2.5, 0, 2.5, 5, 7.5, 10, 12.5], ["-5.0", "12.5"]),
      ([1200, 5100], [1000, 2000, 3000, 4000, 5000, 6000], ["1000", "6000"]),
    ]
    for (values, ticks, ends) in cases {
      let scale = AxisScale(covering: values, steps: 6)
      #expect(scale.ticks.count == ticks.count)
      for (found, expected) in zip(scale.ticks, ticks) { #expect(abs(found - expected) < 1e-9) }
      #expect([scale.text(scale.low), scale.text(scale.high)] == ends)
      for value in values { #expect((0...1).contains(scale.share(value))) }
    }
  }

  @Test func littleDataHasAScaleToo() {
    for values in [[], [3.0], [0, 0], [1e-12, 1e-12], [-7, -7]] {
      let scale = AxisScale(covering: values, steps: 6)
      #expect(scale.ticks.count > 1)
      for value in values { #expect((0...1).contains(scale.share(value))) }
    }
    let single = AxisScale(from: 1, through: 1, step: 1)
    #expect(single.ticks == [1] && single.share(1) == 0.5)
    #expect(AxisScale(from: 1, through: 200, step: 10).ticks.last == 191)
  }

  @Test func linesAndDotsLieWhereTheirValuesAre() throws {
    let area = PlotArea(
      Rectangle(x: 20, y: 10, width: 100, height: 50), horizontal: AxisScale(from: 0, through: 10, step: 5),
      vertical: AxisScale(from: 0, through: 1, step: 0.5), inset: 10)
    #expect(area.point(0, 0) == Point(30, 60) && area.point(10, 1) == Point(110, 10))
    var drawing = Drawing(width: 140, height: 80, background: PlotStyle.paper)
    drawing.add(
      PlotSeries("loss", Stroke(PlotStyle.blue, width: 2), points: [(0, 0.5), (10, 0.5)]), in: area)
    let image = try drawing.image()
    func red(_ x: Int, _ y: Int) -> UInt8 { image.pixels[(y * 140 + x) * 3] }
    #expect(red(30, 35) == 0 && red(70, 35) == 0 && red(110, 35) == 0)
    #expect(red(70, 32) == 255 && red(110, 32) < 255, "dots are wider than the line")
    #expect(red(22, 35) == 255 && red(116, 35) == 255)
  }
}
