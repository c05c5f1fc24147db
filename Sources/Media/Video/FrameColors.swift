import CFFmpeg

/// What the levels of a frame mean.
struct FrameColors {
  /// The last one made, and of what it is.
  private var mapping: (transfer: Int, primaries: Int, mapping: ToneMapping?)?

  /// How a frame of high dynamic range or wide gamut comes to be seen as others are; nil for others.
  mutating func toneMapping(_ frame: AVFrame) -> ToneMapping? {
    // FFmpeg's numbers are those of ITU-T H.273.
    let transfer = Int(frame.color_trc.rawValue)
    let primaries = Int(frame.color_primaries.rawValue)
    if let mapping, mapping.transfer == transfer, mapping.primaries == primaries { return mapping.mapping }
    let made = ToneMapping(transfer: transfer, primaries: primaries, curve: .bt1886)
    mapping = (transfer, primaries, made)
    return made
  }

  /// Tells libswscale the matrix and the range of the frame: BT.709 or BT.601 (by size where the file does not say), full or
  /// limited.
  static func tell(_ scaler: OpaquePointer, _ frame: AVFrame) {
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
}

extension Orientation {
  /// From a display matrix, nine fixed-point numbers that take a stored point to where it is shown; `nil` is upright. Of other
  /// turns than by right angles the nearest: some programs write numbers that are off by a hair.
  init(displayMatrix matrix: UnsafePointer<Int32>?) {
    guard let matrix else {
      self = .up
      return
    }
    let (a, b, c, d) = (Int64(matrix[0]), Int64(matrix[1]), Int64(matrix[3]), Int64(matrix[4]))
    let isSideways = abs(b) + abs(c) > abs(a) + abs(d)
    self =
      switch isSideways ? (0, b.signum(), c.signum(), 0) : (a.signum(), 0, 0, d.signum()) {
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
