/// What files' names say of them, where their beginnings say nothing: asked of files in folders only.
enum MediaNames {
  /// What a file without a known beginning may be.
  enum Claim {
    /// A kind that has no beginning of its own, or that begins in more ways than one.
    case still, video
    /// A kind that begins otherwise than this file does.
    case otherwise(isVideo: Bool)
  }

  private static let videos: Set<String> = [
    "ts", "mts", "m2ts", "m2t", "trp", "tod", "mod", "mpg", "mpeg", "mpe", "mpv", "m1v", "m2v", "vob", "264",
    "h264", "avc", "265", "h265", "hevc", "266", "h266", "vvc", "h261", "h263", "y4m", "ivf", "obu", "av1",
    "dv", "mxf", "gxf", "nut", "mjpg", "mjpeg", "rm", "rmvb", "wtv", "r3d", "amv", "roq", "bik", "m4e",
  ]
  private static let stills: Set<String> = [
    "heic", "heif", "hif", "avif", "jxl", "jp2", "j2k", "j2c", "jpc", "jpf", "jpx", "tga", "ppm", "pgm",
    "pbm", "pnm", "pam", "psd", "ico", "pcx", "sgi", "cr2", "cr3", "nef", "arw", "dng", "raf", "orf", "rw2",
    "mpo",
  ]
  /// Kinds whose beginnings are known.
  private static let knownStills: Set<String> = [
    "jpg", "jpeg", "jpe", "jfif", "png", "apng", "gif", "webp", "bmp", "tif", "tiff",
  ]
  private static let knownVideos: Set<String> = [
    "mp4", "m4v", "mov", "qt", "mkv", "webm", "avi", "flv", "f4v", "wmv", "asf", "ogv", "3gp", "3g2",
  ]
  /// Names that source code has too.
  private static let ambiguous: Set<String> = ["ts", "mts", "mod"]

  /// Bytes of a file's beginning that are asked for.
  static let length = 1024

  /// - Parameters:
  ///   - suffix: of the name, without the dot
  ///   - start: `length` bytes of the file, or all that there are; of no kind that is told by its beginning
  /// - Returns: nil for what neither name nor beginning calls a picture or a video.
  static func claim(_ suffix: String, _ start: [UInt8]) -> Claim? {
    let suffix = suffix.lowercased()
    let isText = isText(start)
    if videos.contains(suffix) {
      guard isText else { return .video }
      return ambiguous.contains(suffix) && !start.isEmpty ? nil : .otherwise(isVideo: true)
    }
    if stills.contains(suffix) {
      return isText ? .otherwise(isVideo: false) : .still
    }
    if knownVideos.contains(suffix) { return .otherwise(isVideo: true) }
    return knownStills.contains(suffix) ? .otherwise(isVideo: false) : nil
  }

  /// Whether there is nothing but text, or nothing.
  private static func isText(_ start: [UInt8]) -> Bool {
    start.allSatisfy { $0 >= 0x20 && $0 != 0x7F || 0x09...0x0D ~= $0 }
  }
}
