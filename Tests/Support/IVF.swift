/// An IVF file of JPEG pictures, with whatever times: they need not go forward.
/// - Parameters:
///   - frames: each with its time in milliseconds, or in ticks
///   - rate, scale: a tick is `scale / rate` seconds.
package func ivf(
  _ frames: [(milliseconds: Int, jpeg: [UInt8])], width: Int, height: Int, rate: Int = 1000, scale: Int = 1
) -> [UInt8] {
  func bytes(_ value: Int, _ count: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
  }
  var file = Array("DKIF".utf8) + bytes(0, 2) + bytes(32, 2) + Array("MJPG".utf8)
  file +=
    bytes(width, 2) + bytes(height, 2) + bytes(rate, 4) + bytes(scale, 4) + bytes(frames.count, 4)
    + bytes(0, 4)
  for frame in frames {
    file += bytes(frame.jpeg.count, 4) + bytes(frame.milliseconds, 8) + frame.jpeg
  }
  return file
}
