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
  /// Reads a JPEG or PNG file, judged by its bytes and not by its name.
  public init(contentsOf path: String, options: DecodeOptions = .init()) throws(MediaError) {
    try self.init(bytes: readStill(at: path, options: options), path: path, options: options)
  }

  /// Decodes the bytes of a JPEG or PNG file.
  /// - Parameter path: what errors call it.
  public init(bytes: [UInt8], path: String, options: DecodeOptions = .init()) throws(MediaError) {
    let stored: Picture
    let orientation: Orientation
    switch try StillFormat(of: bytes.prefix(StillFormat.signatureLength), path: path) {
    case .jpeg:
      stored = try decodeJPEG(bytes, path: path, options: options)
      orientation = Orientation(jpeg: bytes)
    case .png:
      stored = try decodePNG(bytes, path: path, options: options)
      orientation = Orientation(png: bytes)
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

/// The kinds of still picture that this module decodes.
enum StillFormat {
  case jpeg, png

  private static let jpegSignature: [UInt8] = [0xFF, 0xD8, 0xFF]
  private static let pngSignature: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]

  /// Bytes at a file's beginning that tell its kind.
  static let signatureLength = 8

  /// Judges a file by its first bytes, `signatureLength` of them or all that there are.
  init(of start: ArraySlice<UInt8>, path: String) throws(MediaError) {
    if start.isEmpty { throw .empty(path: path) }
    if start.starts(with: Self.jpegSignature) {
      self = .jpeg
    } else if start.starts(with: Self.pngSignature) {
      self = .png
    } else if Self.jpegSignature.starts(with: start) || Self.pngSignature.starts(with: start) {
      throw .undecodable(path: path, reason: "file ends too early")
    } else {
      throw .unsupported(path: path, reason: "not a JPEG or PNG image")
    }
  }
}
