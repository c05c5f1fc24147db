/// A YUV4MPEG2 video (4:2:0, limited range), made frame by frame: every pixel is known, and FFmpeg reads it.
package struct RawVideo {
  package let width: Int
  package let height: Int
  /// The file so far.
  package private(set) var bytes: [UInt8]

  /// - Parameters:
  ///   - width, height: even, in pixels
  ///   - rate: frames a second
  package init(width: Int, height: Int, rate: Int) {
    precondition(width % 2 == 0 && height % 2 == 0)
    (self.width, self.height) = (width, height)
    bytes = Array("YUV4MPEG2 W\(width) H\(height) F\(rate):1 Ip A1:1 C420jpeg\n".utf8)
  }

  /// Adds a frame of one chroma.
  /// - Parameter luma: of each pixel, 16 (black) to 235 (white)
  package mutating func append(
    u: UInt8 = 128, v: UInt8 = 128, luma: (_ row: Int, _ column: Int) -> UInt8
  ) {
    bytes += Array("FRAME\n".utf8)
    for row in 0..<height { bytes += (0..<width).map { luma(row, $0) } }
    bytes += Array(repeating: u, count: width * height / 4)
    bytes += Array(repeating: v, count: width * height / 4)
  }
}
