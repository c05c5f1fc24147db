import Media

/// Where an axis of a picture is looked at: a few weighed pixels for each of a window's.
private struct AxisTaps {
  var start: [Int] = []
  var pixels: [Int] = []
  var weights: [Float] = []
  var range: ClosedRange<Int> { (pixels.min() ?? 0)...(pixels.max() ?? 0) }

  /// A triangle as wide as a pixel of the window, so that nothing aliases; beyond the border the last pixel goes on.
  init(from origin: Double, length: Double, size: Int, to count: Int) {
    let step = length / Double(count)
    let reach = max(step, 1)
    for index in 0..<count {
      let center = origin + (Double(index) + 0.5) * step - 0.5
      let (first, last) = (Int((center - reach).rounded(.up)), Int((center + reach).rounded(.down)))
      start.append(pixels.count)
      let values = (first...max(first, last)).map { Float(max(1e-3, 1 - abs(Double($0) - center) / reach)) }
      let sum = values.reduce(0, +)
      for (offset, value) in values.enumerated() {
        pixels.append(min(max(first + offset, 0), size - 1))
        weights.append(value / sum)
      }
    }
    start.append(pixels.count)
  }
}

extension Image {
  /// A part of the picture at another size; what lies outside goes on as the border does.
  /// - Returns: its colors in planes, [3, rows, columns], 0 to 255
  func window(_ box: Box, columns: Int, rows: Int) -> [Float] {
    let across = AxisTaps(from: box.x, length: box.width, size: width, to: columns)
    let down = AxisTaps(from: box.y, length: box.height, size: height, to: rows)
    let span = across.range
    let length = span.count * 3
    return pixels.withUnsafeBufferPointer { pixels in
      withUnsafeTemporaryAllocation(of: Float.self, capacity: length) { line in
        [Float](unsafeUninitializedCapacity: 3 * rows * columns) { planes, count in
          count = 3 * rows * columns
          for row in 0..<rows {
            line.update(repeating: 0)
            for tap in down.start[row]..<down.start[row + 1] {
              let (weight, source) = (down.weights[tap], (down.pixels[tap] * width + span.lowerBound) * 3)
              for index in 0..<length { line[index] += weight * Float(pixels[source + index]) }
            }
            for column in 0..<columns {
              var (red, green, blue) = (Float(0), Float(0), Float(0))
              for tap in across.start[column]..<across.start[column + 1] {
                let (weight, source) = (across.weights[tap], (across.pixels[tap] - span.lowerBound) * 3)
                red += weight * line[source]
                green += weight * line[source + 1]
                blue += weight * line[source + 2]
              }
              let target = row * columns + column
              planes[target] = red
              planes[rows * columns + target] = green
              planes[2 * rows * columns + target] = blue
            }
          }
        }
      }
    }
  }
}
