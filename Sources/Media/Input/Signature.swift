/// What a file is by its first bytes.
package enum MediaKind: Sendable, Equatable {
  /// JPEG and PNG, which have decoders of their own here.
  case jpeg, png
  /// A still that a library decodes which is loaded when first one comes.
  case picture(Still)
  /// A video container or elementary stream.
  case video

  /// The formats of stills but JPEG and PNG.
  package enum Still: Sendable, Equatable {
    case webP, tiff, bmp, gif, jpegXL, jpeg2000, psd, targa, portableMap, pcx, sgi, icon
    /// HEIC, AVIF and whatever else is kept in a file of ISO/IEC 23008-12.
    case heif
    /// What a camera's sensor saw, with a preview in it: CR2, CR3, RAF, ORF, RW2; others (NEF, ARW, DNG) begin as a TIFF.
    case cameraRaw
  }

  /// Whether one picture is all that is looked at.
  package var isStill: Bool { self != .video }

  /// What a regular file is; a video for what begins with no signature that is known, since FFmpeg knows more.
  package init(contentsOf path: String) throws(MediaError) {
    self = try RegularFile(path: path).kind() ?? .video
  }

  /// Bytes at a file's beginning that tell its kind: some packets of a transport stream.
  package static let signatureLength = 768

  static let jpegSignature: [UInt8] = [0xFF, 0xD8, 0xFF]
  static let pngSignature: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]

  /// - Parameter start: `signatureLength` bytes, or all that there are.
  /// - Returns: nil for what is none of these.
  package init?(_ start: some Collection<UInt8>) {
    let start = Signature(bytes: Array(start.prefix(Self.signatureLength)))
    if start.begins(Self.jpegSignature) {
      self = .jpeg
    } else if start.begins(Self.pngSignature) {
      self = .png
    } else if let still = start.still {
      self = .picture(still)
    } else if start.isVideo {
      self = .video
    } else if start.isTarga {
      self = .picture(.targa)
    } else {
      return nil
    }
  }
}

/// The first bytes of a file.
private struct Signature {
  let bytes: [UInt8]

  func has(_ text: String, at offset: Int = 0) -> Bool { bytes.dropFirst(offset).starts(with: text.utf8) }

  func begins(_ start: [UInt8], at offset: Int = 0) -> Bool { bytes.dropFirst(offset).starts(with: start) }

  var still: MediaKind.Still? {
    if has("RIFF") && has("WEBP", at: 8) { return .webP }
    if has("GIF8") { return .gif }
    if has("BM"), bytes.count >= 10, bytes[6...9].allSatisfy({ $0 == 0 }) { return .bmp }
    if begins([0xFF, 0x0A]) || has("JXL ", at: 4) { return .jpegXL }
    if begins([0xFF, 0x4F, 0xFF, 0x51]) || has("jP  ", at: 4) { return .jpeg2000 }
    if has("8BPS") { return .psd }
    if isPortableMap { return .portableMap }
    if bytes.count >= 66, begins([0x0A]), bytes[1] <= 5, bytes[2] <= 1, [1, 2, 4, 8].contains(bytes[3]) {
      return .pcx
    }
    if begins([0x01, 0xDA]), bytes.count > 3, bytes[2] <= 1, (1...2).contains(bytes[3]) { return .sgi }
    if isIcon { return .icon }
    if has("FUJIFILMCCD-RAW") || has("IIRO") || has("IIRS") || begins([0x49, 0x49, 0x55, 0]) {
      return .cameraRaw
    }
    if isTIFF { return has("CR", at: 8) && begins([2], at: 10) ? .cameraRaw : .tiff }
    // Sequences are here, too, if a picture stands for them.
    let brands = [
      "avif", "avis", "mif1", "mif2", "msf1", "heic", "heix", "heim", "heis", "hevc", "hevx", "hevm",
    ]
    guard has("ftyp", at: 4) else { return nil }
    return has("crx ", at: 8) ? .cameraRaw : brands.contains { has($0, at: 8) } ? .heif : nil
  }

  /// Classic or BigTIFF, in either order of bytes.
  private var isTIFF: Bool {
    has("II*\0") || has("MM\0*") || begins([0x49, 0x49, 43, 0, 8, 0]) || begins([0x4D, 0x4D, 0, 43, 0, 8])
  }

  /// An icon or a cursor: a directory of pictures, the first of which must lie behind it.
  private var isIcon: Bool {
    guard begins([0, 0, 1, 0]) || begins([0, 0, 2, 0]), bytes.count >= 22, bytes[5] == 0, bytes[9] == 0 else {
      return false
    }
    let offset = bytes[18...21].reversed().reduce(0) { $0 << 8 | Int($1) }
    return bytes[4] > 0 && offset >= 6 + 16 * Int(bytes[4])
  }

  var isVideo: Bool {
    if has("RIFF") && has("AVI ", at: 8) { return true }
    if ["ftyp", "moov", "mdat", "wide", "free", "skip"].contains(where: { has($0, at: 4) }) { return true }
    // Matroska, ASF; a program stream's pack, MPEG's sequences, what H.264 and H.265 begin with.
    let starts: [[UInt8]] = [
      [0x1A, 0x45, 0xDF, 0xA3], [0x30, 0x26, 0xB2, 0x75], [0, 0, 1, 0xBA], [0, 0, 1, 0xB3], [0, 0, 1, 0xB0],
    ]
    if starts.contains(where: { begins($0) }) || isAnnexB || isTransportStream { return true }
    return has("OggS") || has("FLV") || has("DKIF") || has("YUV4MPEG2") || begins([0x12, 0, 0x0A])
  }

  /// A stream of NAL units (Annex B of ITU-T H.264 and H.265) that begins with parameter sets or a delimiter.
  private var isAnnexB: Bool {
    let head = begins([0, 0, 0, 1]) ? 4 : begins([0, 0, 1]) ? 3 : nil
    guard let head, bytes.count > head + 1 else { return false }
    let (first, second) = (bytes[head], bytes[head + 1])
    return [0x09, 0x27, 0x47, 0x67].contains(first) || ([0x40, 0x42, 0x46].contains(first) && second == 1)
  }

  /// Packets of 188 bytes that begin with 0x47, or of 192 with four bytes before it (ISO/IEC 13818-1, section 2.4.3).
  private var isTransportStream: Bool {
    [(0, 188), (4, 192), (0, 204)].contains { start, length in
      let places = stride(from: start, to: bytes.count, by: length)
      return places.underestimatedCount >= 3 && places.allSatisfy { bytes[$0] == 0x47 }
    }
  }

  /// A Truevision TGA, which has no signature: a header whose every field makes sense.
  var isTarga: Bool {
    guard bytes.count >= 18 else { return false }
    func number(_ place: Int) -> Int { Int(bytes[place]) | Int(bytes[place + 1]) << 8 }
    let mapped = bytes[1] == 1
    guard [1, 2, 3, 9, 10, 11].contains(bytes[2]), bytes[1] <= 1 else { return false }
    guard mapped || ![1, 9].contains(bytes[2]) else { return false }
    guard mapped ? [15, 16, 24, 32].contains(bytes[7]) : bytes[3...7].allSatisfy({ $0 == 0 }) else {
      return false
    }
    return number(12) > 0 && number(14) > 0 && [8, 15, 16, 24, 32].contains(bytes[16])
      && bytes[17] & 0xC0 == 0
  }

  /// Netpbm's: a number, and then a width, a comment, or PAM's words.
  private var isPortableMap: Bool {
    guard bytes.count > 3, has("P"), (0x31...0x37).contains(bytes[1]), [9, 10, 13, 32].contains(bytes[2])
    else {
      return false
    }
    return bytes[1] == 0x37 || has("#", at: 3) || (0x30...0x39).contains(bytes[3])
  }
}

extension MediaKind {
  /// What begins like a document that nobody here draws; nil for anything else.
  static func document(_ start: [UInt8]) -> String? {
    let text = String(decoding: start, as: UTF8.self)
    if text.hasPrefix("%PDF-") || text.contains("%PDF-1.") { return "a PDF document" }
    if text.hasPrefix("%!PS") { return "a PostScript document" }
    if text.contains("<svg") || text.contains("<!DOCTYPE svg") { return "an SVG drawing" }
    return nil
  }
}
