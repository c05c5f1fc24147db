/// How a still picture is decoded.
public struct DecodeOptions: Sendable, Equatable {
  /// Pixels that both sides of the decoded image should at least have, so that a large JPEG need not be
  /// decoded whole: it comes at the smallest of 1/8, 2/8 … 8/8 of its size that has them. `nil` is the full
  /// size. Nothing is ever enlarged.
  public var coveringSide: Int?
  /// Leaves the pixels as stored, whatever the Exif orientation says.
  public var ignoresOrientation: Bool
  /// Most pixels that a file may have at full size: more are `MediaError.tooLarge`, before memory is taken
  /// for them.
  public var pixelLimit: Int

  /// Full size, upright, at most 256 megapixels.
  public init(coveringSide: Int? = nil, ignoresOrientation: Bool = false, pixelLimit: Int = 256_000_000) {
    self.coveringSide = coveringSide
    self.ignoresOrientation = ignoresOrientation
    self.pixelLimit = pixelLimit
  }
}

/// A still picture from a file, and the size that it has there.
public struct Picture: Sendable, Equatable {
  /// The pixels: upright, over white where they were transparent, and perhaps smaller than in the file.
  public let image: Image
  /// Width in the file at full size, after orientation, in pixels.
  public let width: Int
  /// Height in the file at full size, after orientation, in pixels.
  public let height: Int
}

extension Picture {
  /// Reads a JPEG, a PNG or what FFmpeg decodes as a still (of a clip or a moving GIF its first frame), judged by its bytes and
  /// not by its name.
  public init(contentsOf path: String, options: DecodeOptions = .init()) throws(MediaError) {
    switch try kind(at: path) {
    case .jpeg, .png:
      try self.init(bytes: readStill(at: path, options: options), path: path, options: options)
    case .picture, .video, nil: try self.init(firstFrameOf: path, options: options)
    }
  }

  private init(firstFrameOf path: String, options: DecodeOptions) throws(MediaError) {
    var video = VideoOptions()
    video.ignoresOrientation = options.ignoresOrientation
    video.pixelLimit = options.pixelLimit
    let file = try VideoFile(contentsOf: path, options: video)
    guard try file.advance() != nil else { throw .undecodable(path: path, reason: "no frame in it") }
    self.init(image: try file.image(), width: file.width, height: file.height)
  }

  /// Decodes the bytes of a JPEG or PNG file.
  /// - Parameter path: what errors call it.
  public init(bytes: [UInt8], path: String, options: DecodeOptions = .init()) throws(MediaError) {
    let stored: Picture
    let orientation: Orientation
    if bytes.isEmpty { throw .empty(path: path) }
    switch MediaKind(bytes) {
    case .jpeg:
      stored = try decodeJPEG(bytes, path: path, options: options)
      orientation = Orientation(jpeg: bytes)
    case .png:
      stored = try decodePNG(bytes, path: path, options: options)
      orientation = Orientation(png: bytes)
    default:
      let isCut = MediaKind.jpegSignature.starts(with: bytes) || MediaKind.pngSignature.starts(with: bytes)
      throw isCut
        ? .undecodable(path: path, reason: "file ends too early")
        : .unsupported(path: path, reason: "not a JPEG or PNG image")
    }
    self = options.ignoresOrientation ? stored : try stored.upright(from: orientation, path: path)
  }

  private func upright(from orientation: Orientation, path: String) throws(MediaError) -> Picture {
    guard orientation != .up else { return self }
    let sideways = orientation.swapsSides
    return Picture(
      image: try image.upright(from: orientation, path: path), width: sideways ? height : width,
      height: sideways ? width : height)
  }
}
