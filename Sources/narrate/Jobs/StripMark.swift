/// What tells a strip of attention from a picture of somebody's: a text chunk right after the header of the PNG file.
enum StripMark {
  /// Bytes of a PNG file's signature and header.
  private static let header = 33

  /// A `tEXt` chunk: length, type, keyword and text, check sum.
  private static let chunk: [UInt8] = {
    let body = Array("tEXtSoftware\0narrate caption --attention".utf8)
    return bigEndian(UInt32(body.count - 4)) + body + bigEndian(checksum(body))
  }()

  /// As many bytes of a file's beginning show whether it is marked.
  static var length: Int { header + chunk.count }

  static func isMarked(_ start: [UInt8]) -> Bool {
    start.starts(with: [0x89, 0x50, 0x4E, 0x47]) && start.dropFirst(header).starts(with: chunk)
  }

  /// - Parameter strip: the bytes of a PNG file
  static func marked(_ strip: [UInt8]) -> [UInt8] {
    Array(strip.prefix(header)) + chunk + strip.dropFirst(header)
  }

  private static func bigEndian(_ value: UInt32) -> [UInt8] {
    stride(from: 24, through: 0, by: -8).map { UInt8(truncatingIfNeeded: value >> UInt32($0)) }
  }

  /// CRC-32 as the PNG specification has it (annex D).
  private static func checksum(_ bytes: [UInt8]) -> UInt32 {
    ~bytes.reduce(~UInt32(0)) { sum, byte in
      (0..<8).reduce(sum ^ UInt32(byte)) { sum, _ in sum & 1 == 1 ? 0xEDB8_8320 ^ sum >> 1 : sum >> 1 }
    }
  }
}
