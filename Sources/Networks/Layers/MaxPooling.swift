/// The greatest value of each window, channel by channel; what lies beyond the border is left out.
package enum MaxPooling {
  /// - Parameters:
  ///   - x: [images, positions, channels]
  ///   - y: [images, windows, channels], overwritten
  ///   - winners: as large as y, overwritten: the position that each value comes from, which `backward` needs
  package static func forward(
    _ x: UnsafePointer<Float>, images: Int, channels: Int, _ window: SlidingWindow,
    into y: UnsafeMutablePointer<Float>, winners: UnsafeMutablePointer<Int32>
  ) {
    y.update(repeating: -.infinity, count: images * window.count * channels)
    for image in 0..<images {
      let source = x + image * window.positions * channels
      window.eachPart { part, position in
        guard let position else { return }
        let row = (image * window.count + part / window.parts) * channels
        let (values, best, from) = (source + position * channels, y + row, winners + row)
        for channel in 0..<channels where values[channel] > best[channel] {
          best[channel] = values[channel]
          from[channel] = Int32(position)
        }
      }
    }
  }

  /// Adds each window's gradient to that of the position which won.
  /// - Parameters:
  ///   - dy: gradient of y
  ///   - dx: [images, positions, channels], added to
  package static func backward(
    _ dy: UnsafePointer<Float>, winners: UnsafePointer<Int32>, images: Int, channels: Int,
    _ window: SlidingWindow, into dx: UnsafeMutablePointer<Float>
  ) {
    for image in 0..<images {
      let target = dx + image * window.positions * channels
      for row in image * window.count..<(image + 1) * window.count {
        for channel in 0..<channels {
          target[Int(winners[row * channels + channel]) * channels + channel] += dy[row * channels + channel]
        }
      }
    }
  }
}
