import CFFmpeg

/// From decoded frames to upright RGB images.
final class FrameConverter {
  /// Squares of the covering side that a picture has room for, at most: of a frame far longer than wide the shorter side is
  /// shrunk further.
  private static let longestSides = 8.0

  private let path: String
  private let coveringSide: Int?
  private let orientation: Orientation
  private let pixelLimit: Int
  /// libswscale's context for the frames' size and format, made anew when these change in mid-stream.
  private var scaler: OpaquePointer?
  private var colors = FrameColors()

  init(path: String, coveringSide: Int?, orientation: Orientation, pixelLimit: Int) {
    (self.path, self.coveringSide, self.orientation) = (path, coveringSide, orientation)
    self.pixelLimit = pixelLimit
  }

  deinit { ffmpeg.sws_freeContext(scaler) }

  /// A frame's size with square pixels: the width follows the sample aspect ratio.
  static func displaySize(_ width: Int32, _ height: Int32, _ ratio: AVRational) -> (width: Int, height: Int) {
    guard ratio.num > 0, ratio.den > 0 else { return (Int(width), Int(height)) }
    let wide = (Double(width) * ratio.seconds).rounded()
    return (max(1, Int(bounded: min(wide, Double(width) * 8))), Int(height))
  }

  /// The stored picture's size, shrunk.
  private func target(_ size: (width: Int, height: Int)) throws(MediaError) -> (
    wide: Int, high: Int, scale: Double
  ) {
    let (width, height) = (Double(size.width), Double(size.height))
    let scale =
      coveringSide.map { side in
        min(
          1, Double(side) / min(width, height),
          Double(side) * (Self.longestSides / (width * height)).squareRoot())
      } ?? 1
    let wide = max(1, Int(bounded: (width * scale).rounded(.up)))
    let high = max(1, Int(bounded: (height * scale).rounded(.up)))
    guard wide * high <= pixelLimit else {
      throw .tooLarge(path: path, reason: "\(wide)×\(high) pixels; the limit is \(pixelLimit)")
    }
    return (wide, high, scale)
  }

  func image(_ frame: UnsafeMutablePointer<AVFrame>, pixelRatio: AVRational) throws(MediaError) -> Image {
    var raw = frame.pointee
    let (wide, high, scale) = try target(Self.displaySize(raw.width, raw.height, pixelRatio))
    if narrate_av_is_interlaced(frame) { raw.keepFirstField() }
    let shrinks = scale < 1 && (high <= raw.height || raw.height == frame.pointee.height)
    let format = AVPixelFormat(raw.format)
    let mapping = colors.toneMapping(raw)
    let description = ffmpeg.av_pix_fmt_desc_get(format)?.pointee
    let hasAlpha = mapping == nil && (description?.flags ?? 0) & UInt64(AV_PIX_FMT_FLAG_ALPHA) != 0
    let flags =
      (shrinks ? SWS_AREA : SWS_LANCZOS) | SWS_ACCURATE_RND | SWS_FULL_CHR_H_INP | SWS_FULL_CHR_H_INT
    let wanted = mapping != nil ? AV_PIX_FMT_RGB48LE : hasAlpha ? AV_PIX_FMT_RGBA : AV_PIX_FMT_RGB24
    scaler = ffmpeg.sws_getCachedContext(
      scaler, raw.width, raw.height, format, Int32(clamping: wide), Int32(clamping: high), wanted, flags, nil,
      nil, nil)
    guard let scaler else {
      throw .undecodable(path: path, reason: "a pixel format that cannot be converted")
    }
    FrameColors.tell(scaler, frame.pointee)

    let bytesPerPixel = mapping != nil ? 6 : hasAlpha ? 4 : 3
    let rows = try rows(raw, scaler, wide: wide, high: high, bytesPerPixel: bytesPerPixel)
    let pixels =
      if let mapping {
        rows.toneMapped(mapping)
      } else if hasAlpha {
        rows.overWhite
      } else {
        rows.packed
      }
    let image = Image(width: wide, height: high, pixels: pixels)
    return orientation == .up ? image : try image.upright(from: orientation, path: path)
  }

  private func rows(
    _ raw: AVFrame, _ scaler: OpaquePointer, wide: Int, high: Int, bytesPerPixel: Int
  ) throws(MediaError) -> PaddedRows {
    try requireMemory(wide * high * bytesPerPixel, path: path)
    var rows = 0 as Int32
    // libswscale writes whole vectors: room for one behind the last row.
    let stride = (wide * bytesPerPixel + 63) & ~63
    let padded = [UInt8](unsafeUninitializedCapacity: stride * high + 64) { buffer, count in
      var planes = [buffer.baseAddress, nil, nil, nil]
      var strides: [Int32] = [Int32(clamping: stride), 0, 0, 0]
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
    guard rows == Int32(clamping: high) else {
      throw .undecodable(path: path, reason: "a frame that cannot be converted")
    }
    return PaddedRows(bytes: padded, width: wide, height: high, stride: stride)
  }
}

extension AVFrame {
  /// Leaves every other line out: of an interlaced frame those of another moment, which would stand beside the others like a
  /// comb's teeth.
  fileprivate mutating func keepFirstField() {
    guard height >= 4 else { return }
    height = (height + 1) / 2
    withUnsafeMutableBytes(of: &linesize) { bytes in
      let lengths = bytes.bindMemory(to: Int32.self)
      for index in lengths.indices {
        lengths[index] = lengths[index].multipliedReportingOverflow(by: 2).partialValue
      }
    }
  }
}

/// What libswscale wrote: rows of whole vectors.
private struct PaddedRows {
  let bytes: [UInt8]
  let width: Int
  let height: Int
  /// Bytes from row to row.
  let stride: Int

  /// Of RGB.
  var packed: [UInt8] {
    let length = width * 3
    return [UInt8](unsafeUninitializedCapacity: length * height) { buffer, count in
      bytes.withUnsafeBufferPointer { source in
        for row in 0..<height {
          _ = UnsafeMutableBufferPointer(rebasing: buffer[row * length..<(row + 1) * length]).update(
            fromContentsOf: source[row * stride..<row * stride + length])
        }
      }
      count = length * height
    }
  }

  /// Of RGBA.
  var overWhite: [UInt8] {
    var pixels: [UInt8] = []
    pixels.reserveCapacity(width * height * 3)
    for row in 0..<height {
      for column in 0..<width {
        let start = row * stride + column * 4
        let alpha = Int(bytes[start + 3])
        for channel in 0..<3 {
          pixels.append(UInt8((Int(bytes[start + channel]) * alpha + 255 * (255 - alpha) + 127) / 255))
        }
      }
    }
    return pixels
  }

  /// Of RGB with 16 bits a sample.
  func toneMapped(_ mapping: ToneMapping) -> [UInt8] {
    let length = width * 3
    return [UInt8](unsafeUninitializedCapacity: length * height) { buffer, count in
      bytes.withUnsafeBytes { source in
        for row in 0..<height {
          let samples = UnsafeRawBufferPointer(rebasing: source[row * stride..<row * stride + length * 2])
          samples.withMemoryRebound(to: UInt16.self) {
            mapping.apply(
              $0, into: UnsafeMutableBufferPointer(rebasing: buffer[row * length..<(row + 1) * length]))
          }
        }
      }
      count = length * height
    }
  }
}
