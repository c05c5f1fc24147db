import CFFmpeg

/// How a still picture is decoded.
public struct DecodeOptions: Sendable, Equatable {
  /// Pixels that both sides of the decoded image should at least have, so that a large picture need not be
  /// decoded whole: a JPEG comes at the smallest of 1/8, 2/8 … 8/8 of its size that has them, others of more than 16 megapixels
  /// with at least twice as many. `nil` is the full size. Nothing is ever enlarged.
  public var coveringSide: Int?
  /// Leaves the pixels as stored, whatever the Exif orientation says.
  public var ignoresOrientation: Bool
  /// Most pixels that a file may have at full size: more are `MediaError.tooLarge`, before memory is taken
  /// for them.
  public var pixelLimit: Int
  /// Most bytes that may be taken at once to decode it: more are `MediaError.tooLarge`. A file that must be read whole may have
  /// half as many.
  public var byteLimit: Int
  /// Whether a file that is cut off or damaged gives the picture all the same where at least half of it can be seen, as browsers
  /// show it; otherwise that is `MediaError.undecodable`.
  public var acceptsDamage: Bool

  /// Full size, upright, at most 256 megapixels in 256 MB, nothing damaged.
  public init(
    coveringSide: Int? = nil, ignoresOrientation: Bool = false, pixelLimit: Int = 256_000_000,
    byteLimit: Int = 256 << 20, acceptsDamage: Bool = false
  ) {
    self.coveringSide = coveringSide
    self.ignoresOrientation = ignoresOrientation
    self.pixelLimit = pixelLimit
    self.byteLimit = byteLimit
    self.acceptsDamage = acceptsDamage
  }
}

/// A still picture from a file, and the size that it has there.
public struct Picture: Sendable, Equatable {
  /// The pixels: upright, in sRGB, over white where they were transparent, and perhaps smaller than in the file.
  public let image: Image
  /// Width in the file at full size, after orientation, in pixels.
  public let width: Int
  /// Height in the file at full size, after orientation, in pixels.
  public let height: Int
  /// Whether the file is cut off or damaged, and some of the pixels are not what they were.
  public let isDamaged: Bool
}

extension Picture {
  /// Reads a still picture, of an animation or a clip the first frame; judged by its bytes and not by its name: JPEG, PNG, WebP,
  /// TIFF, HEIC, AVIF, BMP, GIF, JPEG XL, JPEG 2000, PSD, TGA, PNM, PCX, SGI, ICO, the preview in a camera's raw file, and
  /// videos that FFmpeg decodes.
  public init(contentsOf path: String, options: DecodeOptions = .init()) throws(MediaError) {
    try self.init(contentsOf: path, options: options, in: .current)
  }

  /// - Parameter sandbox: where it is decoded; nil is this process
  package init(contentsOf path: String, options: DecodeOptions = .init(), in sandbox: DecodingSandbox?)
    throws(MediaError)
  {
    let file = try RegularFile(path: path)
    if let sandbox {
      self = try sandbox.picture(file, options)
    } else {
      try self.init(file, options: options)
    }
  }

  /// Decodes an open file in this process.
  init(_ file: borrowing RegularFile, options: DecodeOptions) throws(MediaError) {
    let path = file.path
    let stored: StoredStill?
    switch try file.kind() {
    case .picture(.tiff):
      if let picture = try decodeTIFF(file, path: path, options: options) {
        stored = picture
      } else {
        stored = try decodeCameraRaw(file, options: options)
      }
    case .picture(.cameraRaw): stored = try decodeCameraRaw(file, options: options)
    case .picture(.gif), .picture(.jpegXL), .video, nil: stored = nil
    case let kind?:
      stored = try Self.decode(readStill(file, options: options), kind, path: path, options: options)
    }
    if let stored {
      try self.init(stored, path: path, options: options)
    } else {
      try self.init(firstFrameOf: file, options: options)
    }
  }

  private init(firstFrameOf file: borrowing RegularFile, options: DecodeOptions) throws(MediaError) {
    var video = VideoOptions()
    video.ignoresOrientation = options.ignoresOrientation
    video.pixelLimit = min(options.pixelLimit, options.byteLimit / 8)
    let reader = try VideoReader(file, options: video)
    guard try reader.advance() != nil else { throw .undecodable(path: file.path, reason: "no frame in it") }
    self.init(
      image: try reader.image(coveringSide: nil), width: reader.facts.width,
      height: reader.facts.height, isDamaged: false)
  }

  /// Decodes the bytes of a JPEG or PNG file.
  /// - Parameter path: what errors call it.
  public init(bytes: [UInt8], path: String, options: DecodeOptions = .init()) throws(MediaError) {
    if bytes.isEmpty { throw .empty(path: path) }
    let kind = MediaKind(bytes)
    if kind == .jpeg || kind == .png, let sandbox = DecodingSandbox.current {
      self = try sandbox.picture(RegularFile(inMemory: bytes, path: path), options)
      return
    }
    guard kind == .jpeg || kind == .png, let kind,
      let stored = try Self.decode(bytes, kind, path: path, options: options)
    else {
      let isCut = MediaKind.jpegSignature.starts(with: bytes) || MediaKind.pngSignature.starts(with: bytes)
      throw isCut
        ? .undecodable(path: path, reason: "file ends too early")
        : .unsupported(path: path, reason: "not a JPEG or PNG image")
    }
    try self.init(stored, path: path, options: options)
  }

  /// - Returns: nil for what is no still after all, but a sequence.
  private static func decode(_ bytes: [UInt8], _ kind: MediaKind, path: String, options: DecodeOptions)
    throws(MediaError) -> StoredStill?
  {
    func ffmpeg(_ codec: AVCodecID, _ bytesPerPixel: Int) throws(MediaError) -> StoredStill {
      try decodeByFFmpeg(bytes, codec, bytesPerPixel: bytesPerPixel, path: path, options: options)
    }
    switch kind {
    case .jpeg: return try decodeJPEG(bytes, path: path, options: options)
    case .png: return try decodePNG(bytes, path: path, options: options)
    case .video: return nil
    case .picture(let still):
      switch still {
      case .webP: return try decodeWebP(bytes, path: path, options: options)
      case .heif: return try decodeHEIF(bytes, path: path, options: options)
      case .bmp: return try decodeBMP(bytes, path: path, options: options)
      case .targa: return try decodeTarga(bytes, path: path, options: options)
      case .icon: return try decodeIcon(bytes, path: path, options: options)
      case .jpeg2000: return try ffmpeg(AV_CODEC_ID_JPEG2000, 16)
      case .psd: return try decodePhotoshop(bytes, path: path, options: options)
      case .portableMap: return try ffmpeg(portableMapCodec(bytes), 8)
      case .pcx: return try ffmpeg(AV_CODEC_ID_PCX, 4)
      case .sgi: return try ffmpeg(AV_CODEC_ID_SGI, 8)
      case .gif, .jpegXL, .tiff, .cameraRaw: return nil
      }
    }
  }

  /// The decoder of one of Netpbm's formats, by its second letter.
  private static func portableMapCodec(_ bytes: [UInt8]) -> AVCodecID {
    switch bytes[1] {
    case 0x31, 0x34: AV_CODEC_ID_PBM
    case 0x32, 0x35: AV_CODEC_ID_PGM
    case 0x33, 0x36: AV_CODEC_ID_PPM
    default: AV_CODEC_ID_PAM
    }
  }

  /// In sRGB, upright.
  private init(_ stored: StoredStill, path: String, options: DecodeOptions) throws(MediaError) {
    let orientation = options.ignoresOrientation ? .up : stored.orientation
    // What came whole, being interlaced or the like, is made small before it is copied.
    let small = stored.image.boxShrunk(by: options.shrinking(stored.image.width, stored.image.height))
    let image = try stored.profile?.converted(small, path: path) ?? small
    let sideways = orientation.swapsSides
    self.init(
      image: try image.upright(from: orientation, path: path), width: sideways ? stored.height : stored.width,
      height: sideways ? stored.width : stored.height, isDamaged: stored.seen != nil)
  }
}
