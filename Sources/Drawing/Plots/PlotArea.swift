/// The part of a drawing in which values have positions.
package struct PlotArea: Sendable {
  package let rectangle: Rectangle
  package let horizontal: AxisScale
  package let vertical: AxisScale
  /// Left free at the left and the right, in pixels.
  private let inset: Double

  package init(_ rectangle: Rectangle, horizontal: AxisScale, vertical: AxisScale, inset: Double = 0) {
    (self.rectangle, self.horizontal, self.vertical) = (rectangle, horizontal, vertical)
    self.inset = inset
  }

  package func point(_ x: Double, _ y: Double) -> Point {
    Point(
      rectangle.x + inset + (rectangle.width - 2 * inset) * horizontal.share(x),
      rectangle.bottom - rectangle.height * vertical.share(y))
  }
}

/// A line through values.
package struct PlotSeries: Sendable {
  package let name: String
  package let stroke: Stroke
  /// In the order in which they are joined.
  package let points: [(x: Double, y: Double)]

  package init(_ name: String, _ stroke: Stroke, points: [(x: Double, y: Double)]) {
    (self.name, self.stroke, self.points) = (name, stroke, points)
  }
}

extension Drawing {
  package enum Side: Sendable {
    case left, right, bottom
  }

  /// Faint lines at the ticks of the vertical axis and, where wanted, of the horizontal one.
  package mutating func addGrid(_ area: PlotArea, isSquared: Bool = false) {
    let rectangle = area.rectangle
    for tick in area.vertical.ticks {
      // In the middle of a pixel, so that a line is one pixel wide.
      let y = area.point(0, tick).y.rounded(.down) + 0.5
      stroke([Point(rectangle.x, y), Point(rectangle.right, y)], PlotStyle.grid)
    }
    for tick in isSquared ? area.horizontal.ticks : [] {
      let x = area.point(tick, 0).x.rounded(.down) + 0.5
      stroke([Point(x, rectangle.y), Point(x, rectangle.bottom)], PlotStyle.grid)
    }
  }

  /// The line at the foot of an area.
  package mutating func addBase(_ area: PlotArea) {
    let y = area.rectangle.bottom.rounded(.down) + 0.5
    stroke([Point(area.rectangle.x, y), Point(area.rectangle.right, y)], PlotStyle.axis)
  }

  /// The figures beside an area.
  package mutating func addFigures(_ area: PlotArea, _ side: Side) {
    let style = PlotStyle.label
    let scale = side == .bottom ? area.horizontal : area.vertical
    for tick in scale.ticks {
      let (text, point) = (scale.text(tick), area.point(tick, tick))
      switch side {
      case .left:
        write(text, at: Point(area.rectangle.x - 10, point.y + style.halfCapital), style, anchor: .end)
      case .right: write(text, at: Point(area.rectangle.right + 10, point.y + style.halfCapital), style)
      case .bottom:
        write(text, at: Point(point.x, area.rectangle.bottom + 10 + style.size), style, anchor: .middle)
      }
    }
  }

  /// A line with a dot at each value.
  package mutating func add(_ series: PlotSeries, in area: PlotArea) {
    let points = series.points.map { area.point($0.x, $0.y) }
    if points.count > 1 { stroke(points, series.stroke) }
    for point in points { circle(point, radius: 3, fill: series.stroke.color) }
  }

  /// A piece of a series' line and its name after it.
  /// - Parameter point: its left end at half height
  /// - Returns: where the next one may begin
  package mutating func addLegend(_ series: PlotSeries, at point: Point) throws(DrawingError) -> Point {
    let nameAt = Point(point.x + 34, point.y + PlotStyle.label.halfCapital)
    stroke([point, Point(point.x + 26, point.y)], series.stroke)
    write(series.name, at: nameAt, PlotStyle.label)
    return Point(nameAt.x + (try PlotStyle.label.width(of: series.name)) + 24, point.y)
  }
}
