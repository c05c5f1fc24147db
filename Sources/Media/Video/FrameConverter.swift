import CFFmpeg

/// From decoded frames to upright RGB images.
final class FrameConverter {
  private let path: String
  private let coveringSide: Int?
  private let orientation: Orientation
  /// libswscale's context for the frames' size and format, made anew when these change in mid-stream.
  private var scaler: OpaquePointer?

  init(path: String, coveringSide: Int?, orientation: Orientation) {
    (self.path, self.coveringSide, self.orientation) = (path, coveringSide, orientation)
  }

  deinit { ffmpeg.sws_freeContext(scaler) }

  /// A frame's size with square pixels: the width follows the sample aspect ratio.
  static func displaySize(_ width: Int32, _ height: Int32, _ ratio: AVRational) -> (width: Int, height: Int) {
    guard ratio.num > 0, ratio.den > 0 else { return (Int(width), Int(height)) }
    let wide = (Double(width) * ratio.seconds).rounded()
    return (max(1, Int(bounded: min(wide, Double(width) * 8))), Int(height))
  }

  func image(_ frame: UnsafeMutablePointer<AVFrame>, pixelRatio: AVRational) throws(MediaError) -> Image {
    let raw = frame.pointee
    let size = Self.displaySize(raw.width, raw.height, pixelRatio)
    let shorter = min(size.width, size.height)
    let scale = coveringSide.map { min(1, Double($0) / Double(shorter)) } ?? 1
    let wide = max(1, Int(bounded: (Double(size.width) * scale).rounded(.up)))
    let high = max(1, Int(bounded: (Double(size.height) * scale).rounded(.up)))
    let format = AVPixelFormat(raw.format)
    let description = ffmpeg.av_pix_fmt_desc_get(format)?.pointee
    let hasAlpha = (description?.flags ?? 0) & UInt64(AV_PIX_FMT_FLAG_ALPHA) != 0
    let flags =
      (scale < 1 ? SWS_AREA : SWS_LANCZOS) | SWS_ACCURATE_RND | SWS_FULL_CHR_H_INP | SWS_FULL_CHR_H_INT
    scaler = ffmpeg.sws_getCachedContext(
      scaler, raw.width, raw.height, format, Int32(wide), Int32(high),
      hasAlpha ? AV_PIX_FMT_RGBA : AV_PIX_FMT_RGB24, flags, nil, nil, nil)
    guard let scaler else {
      throw .undecodable(path: path, reason: "a pixel format that cannot be converted")
    }
    setColors(scaler, raw)

    let channels = hasAlpha ? 4 : 3
    try requireMemory(wide * high * channels, path: path)
    var rows = 0 as Int32
    // libswscale writes whole vectors: room for one behind the last row.
    let stride = (wide * channels + 63) & ~63
    let padded = [UInt8](unsafeUninitializedCapacity: stride * high + 64) { buffer, count in
      var planes = [buffer.baseAddress, nil, nil, nil]
      var strides: [Int32] = [Int32(stride), 0, 0, 0]
      rows = withUnsafePointer(to: raw.data) { data in
        withUnsafePointer(to: raw.linesize) { linesize in
          data.withMemoryRebound(to: UnsafePointer<UInt8>?.self, capacity: 8) { source in
            linesize.withMemoryRebound(to: Int32.self, capacity: 8) { lengths in
              ffmpeg.sws_scale(scaler, source, lengths, 0, raw.height, &planes, &strides)
            }
          }
        }
      }
      count = stride * high + 64
    }
    guard rows == Int32(high) else {
      throw .undecodable(path: path, reason: "a frame that cannot be converted")
    }
    let pixels =
      hasAlpha
      ? Self.overWhite(padded, wide, high, stride) : Self.packed(padded, wide * 3, high, stride)
    return try Image(width: wide, height: high, pixels: pixels).upright(from: orientation, path: path)
  }

  /// Tells libswscale the matrix and the range of the frame: BT.709 or BT.601 (by size where the file does not say), full or
  /// limited.
  private func setColors(_ scaler: OpaquePointer, _ frame: AVFrame) {
    let space =
      switch frame.colorspace {
      case AVCOL_SPC_BT709: SWS_CS_ITU709
      case AVCOL_SPC_BT2020_NCL, AVCOL_SPC_BT2020_CL: SWS_CS_BT2020
      case AVCOL_SPC_SMPTE240M: SWS_CS_SMPTE240M
      case AVCOL_SPC_UNSPECIFIED: frame.height >= 720 ? SWS_CS_ITU709 : SWS_CS_ITU601
      default: SWS_CS_ITU601
      }
    let full: Bool =
      switch AVPixelFormat(frame.format) {
      case AV_PIX_FMT_YUVJ420P, AV_PIX_FMT_YUVJ422P, AV_PIX_FMT_YUVJ444P, AV_PIX_FMT_YUVJ440P,
        AV_PIX_FMT_YUVJ411P:
        true
      default: frame.color_range == AVCOL_RANGE_JPEG
      }
    let (source, target) = (ffmpeg.sws_getCoefficients(space), ffmpeg.sws_getCoefficients(SWS_CS_DEFAULT))
    _ = ffmpeg.sws_setColorspaceDetails(scaler, source, full ? 1 : 0, target, 1, 0, 1 << 16, 1 << 16)
  }

  private static func packed(_ rows: [UInt8], _ length: Int, _ height: Int, _ stride: Int) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: length * height) { buffer, count in
      rows.withUnsafeBufferPointer { source in
        for row in 0..<height {
          _ = UnsafeMutableBufferPointer(rebasing: buffer[row * length..<(row + 1) * length]).update(
            fromContentsOf: source[row * stride..<row * stride + length])
        }
      }
      count = length * height
    }
  }

  private static func overWhite(_ rows: [UInt8], _ width: Int, _ height: Int, _ stride: Int) -> [UInt8] {
    var pixels: [UInt8] = []
    pixels.reserveCapacity(width * height * 3)
    for row in 0..<height {
      for column in 0..<width {
        let start = row * stride + column * 4
        let alpha = Int(rows[start + 3])
        for channel in 0..<3 {
          pixels.append(UInt8((Int(rows[start + channel]) * alpha + 255 * (255 - alpha) + 127) / 255))
        }
      }
    }
    return pixels
  }
}

extension Orientation {
  /// From a display matrix, nine fixed-point numbers that take a stored point to where it is shown; `nil` is upright. Other
  /// turns than by right angles count as upright.
  init(displayMatrix matrix: UnsafePointer<Int32>?) {
    guard let matrix else {
      self = .up
      return
    }
    self =
      switch (matrix[0].signum(), matrix[1].signum(), matrix[3].signum(), matrix[4].signum()) {
      case (-1, 0, 0, 1): .mirroredHorizontally
      case (-1, 0, 0, -1): .upsideDown
      case (1, 0, 0, -1): .mirroredVertically
      case (0, 1, 1, 0): .transposed
      case (0, 1, -1, 0): .turnedLeft
      case (0, -1, -1, 0): .transversed
      case (0, -1, 1, 0): .turnedRight
      default: .up
      }
  }
}
