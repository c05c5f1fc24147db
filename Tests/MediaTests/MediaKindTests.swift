import Media
import Testing

@Suite struct MediaKindTests {
  static let kinds: [(String, [UInt8], MediaKind?)] = [
    ("JPEG", [0xFF, 0xD8, 0xFF, 0xE1], .jpeg),
    ("PNG", [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A], .png),
    ("WebP", Array("RIFF....WEBPVP8 ".utf8), .picture(.webP)),
    ("AVI", Array("RIFF....AVI LIST".utf8), .video),
    ("WAV", Array("RIFF....WAVEfmt ".utf8), nil),
    ("TIFF", Array("II*\0".utf8) + [8, 0, 0, 0], .picture(.tiff)),
    ("BigTIFF", Array("MM".utf8) + [0, 43, 0, 8, 0, 0], .picture(.tiff)),
    ("CR2", Array("II*\0".utf8) + [16, 0, 0, 0] + Array("CR".utf8) + [2, 0], .picture(.cameraRaw)),
    ("RAF", Array("FUJIFILMCCD-RAW 0201".utf8), .picture(.cameraRaw)),
    ("CR3", [0, 0, 0, 24] + Array("ftypcrx ".utf8), .picture(.cameraRaw)),
    ("HEIC", [0, 0, 0, 24] + Array("ftypheic".utf8), .picture(.heif)),
    ("AVIF sequence", [0, 0, 0, 24] + Array("ftypavis".utf8), .picture(.heif)),
    ("MP4", [0, 0, 0, 24] + Array("ftypisom".utf8), .video),
    ("JPEG 2000", [0xFF, 0x4F, 0xFF, 0x51], .picture(.jpeg2000)),
    ("PPM", Array("P6\n4 4\n255\n".utf8), .picture(.portableMap)),
    ("words", Array("P6 and other".utf8), nil),
    ("text", Array("This is no picture.\n".utf8), nil),
    ("PSD", Array("8BPS".utf8) + [0, 1], .picture(.psd)),
    ("ICO", [0, 0, 1, 0, 1, 0, 16, 16, 0, 0, 1, 0, 32, 0, 0, 1, 0, 0, 22, 0, 0, 0], .picture(.icon)),
    ("TGA", [0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 64, 0, 32, 0, 24, 0x20], .picture(.targa)),
    ("TGA without a size", [0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 32, 0, 24, 0x20], nil),
    ("H.264", [0, 0, 0, 1, 0x67, 0x64], .video),
    ("H.265", [0, 0, 0, 1, 0x40, 1], .video),
    ("MPEG-2", [0, 0, 1, 0xB3, 0x14], .video),
    ("Y4M", Array("YUV4MPEG2 W4 H4".utf8), .video),
    ("MPEG-TS", transport(188, 0), .video),
    ("M2TS", transport(192, 4), .video),
    ("one sync byte", [0x47] + [UInt8](repeating: 1, count: 700), nil),
    ("nothing", [], nil),
  ]

  @Test func knowsFilesByTheirFirstBytes() {
    for (name, bytes, kind) in Self.kinds { #expect(MediaKind(bytes) == kind, "\(name)") }
  }

  @Test func noStartOfASignatureTraps() {
    for (_, bytes, _) in Self.kinds {
      for count in 0..<min(bytes.count, 64) { _ = MediaKind(bytes.prefix(count)) }
    }
  }

  private static func transport(_ length: Int, _ start: Int) -> [UInt8] {
    (0..<length * 5).map { $0 % length == start ? 0x47 : 0 }
  }
}
