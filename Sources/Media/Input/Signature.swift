/// What a file is by its first bytes.
package enum MediaKind: Sendable, Equatable {
  /// JPEG and PNG, which have decoders of their own here.
  case jpeg, png
  /// A still that FFmpeg decodes: WebP, BMP, TIFF, GIF, AVIF, JPEG XL.
  case picture
  /// A video container, or what begins with no signature that is known, as MPEG transport streams do.
  case video

  /// Whether one picture is all that is looked at.
  package var isStill: Bool { self != .video }

  /// What a regular file is.
  package init(contentsOf path: String) throws(MediaError) {
    self = try kind(at: path) ?? .video
  }

  /// Bytes at a file's beginning that tell its kind.
  package static let signatureLength = 12

  static let jpegSignature: [UInt8] = [0xFF, 0xD8, 0xFF]
  static let pngSignature: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]

  /// - Parameter start: `signatureLength` bytes, or all that there are.
  /// - Returns: nil for what is none of these, and for MPEG transport streams, which have no signature to speak of.
  package init?(_ start: some Collection<UInt8>) {
    let start = Array(start.prefix(Self.signatureLength))
    func has(_ text: String, at offset: Int = 0) -> Bool { start.dropFirst(offset).starts(with: text.utf8) }
    if start.starts(with: Self.jpegSignature) {
      self = .jpeg
    } else if start.starts(with: Self.pngSignature) {
      self = .png
    } else if has("RIFF") {
      if has("WEBP", at: 8) {
        self = .picture
      } else if has("AVI ", at: 8) {
        self = .video
      } else {
        return nil
      }
    } else if has("GIF8") || has("II*\0") || has("MM\0*") || start.starts(with: [0xFF, 0x0A])
      || (has("BM") && start.count >= 10 && start[6...9].allSatisfy { $0 == 0 })
    {
      self = .picture
    } else if has("ftyp", at: 4) {
      self = ["avif", "avis", "mif1", "heic"].contains { has($0, at: 8) } ? .picture : .video
    } else if ["moov", "mdat", "wide", "free", "skip", "JXL "].contains(where: { has($0, at: 4) }) {
      self = has("JXL ", at: 4) ? .picture : .video
    } else if start.starts(with: [0x1A, 0x45, 0xDF, 0xA3]) || has("OggS") || has("FLV")
      || start.starts(with: [0x30, 0x26, 0xB2, 0x75]) || start.starts(with: [0, 0, 1, 0xBA]) || has("DKIF")
    {
      self = .video
    } else {
      return nil
    }
  }
}
