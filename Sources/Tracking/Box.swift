import Foundation

/// A rectangle in a picture, in pixels from its top left.
package struct Box: Sendable, Equatable {
  package var x, y, width, height: Double

  package init(x: Double, y: Double, width: Double, height: Double) {
    (self.x, self.y, self.width, self.height) = (x, y, width, height)
  }

  var centerX: Double { x + width / 2 }
  var centerY: Double { y + height / 2 }
  /// Side of the square with as many pixels.
  var meanSide: Double { (width * height).squareRoot() }

  /// The same middle, another size.
  func resized(by factor: Double) -> Box {
    Box(
      x: centerX - width * factor / 2, y: centerY - height * factor / 2, width: width * factor,
      height: height * factor)
  }

  /// The same size, with its middle inside the picture.
  func centered(_ x: Double, _ y: Double, inWidth pictureWidth: Int, _ pictureHeight: Int) -> Box {
    let (x, y) = (min(max(x, 0), Double(pictureWidth)), min(max(y, 0), Double(pictureHeight)))
    return Box(x: x - width / 2, y: y - height / 2, width: width, height: height)
  }

  /// What two have in common as a share of what either has, 0 to 1.
  package func overlap(_ other: Box) -> Double {
    let across = min(x + width, other.x + other.width) - max(x, other.x)
    let down = min(y + height, other.y + other.height) - max(y, other.y)
    guard across > 0, down > 0 else { return 0 }
    return across * down / (width * height + other.width * other.height - across * down)
  }

  /// Between the middles of two, in pixels.
  package func distance(_ other: Box) -> Double {
    hypot(centerX - other.centerX, centerY - other.centerY)
  }

  /// Why nothing can be followed in this box, if so.
  package func problem(inWidth pictureWidth: Int, height pictureHeight: Int) -> String? {
    guard [x, y, width, height].allSatisfy(\.isFinite) else { return "a box is of four numbers" }
    guard width > 0, height > 0 else { return "a box has an area" }
    let inside =
      x >= 0 && y >= 0 && x + width <= Double(pictureWidth) && y + height <= Double(pictureHeight)
    guard inside else { return "the box is not within the picture of \(pictureWidth)×\(pictureHeight)" }
    guard width >= Self.leastSide, height >= Self.leastSide else {
      return "the box is too small: \(Int(Self.leastSide)) pixels are the least across and down"
    }
    return nil
  }

  /// What is smaller has nothing in it that could be known again.
  package static let leastSide = 4.0
}
