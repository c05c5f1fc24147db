/// A ZIP archive whose files are stored as they are: what is in it is compressed already (APPNOTE.TXT 6.3.10, sections 4.3.7 to
/// 4.3.16).
package enum Archive {
  /// - Parameter files: with their names in the archive; all of them in less than 4 GiB
  package static func zip(_ files: [(name: String, bytes: [UInt8])]) -> [UInt8] {
    var archive: [UInt8] = []
    var directory: [UInt8] = []
    for (name, bytes) in files {
      let offset = archive.count
      let header = header(name, bytes)
      archive += little(0x0403_4b50, 4) + header + Array(name.utf8) + bytes
      // Made by version 2.0 on Unix; no comment, disk 0, rights of a file that all may read.
      directory +=
        little(0x0201_4b50, 4) + little(0x0314, 2) + header + little(0, 2) + little(0, 2) + little(0, 2)
        + little(0o100_644 << 16, 4) + little(offset, 4) + Array(name.utf8)
    }
    let start = archive.count
    return archive + directory + little(0x0605_4b50, 4) + little(0, 4) + little(files.count, 2)
      + little(files.count, 2) + little(directory.count, 4) + little(start, 4) + little(0, 2)
  }

  /// What a file's two headers share: names are UTF-8, nothing is compressed, of 1980-01-01.
  private static func header(_ name: String, _ bytes: [UInt8]) -> [UInt8] {
    little(20, 2) + little(0x0800, 2) + little(0, 2) + little(0, 2) + little(0x21, 2)
      + little(Int(crc(bytes)), 4)
      + little(bytes.count, 4) + little(bytes.count, 4) + little(name.utf8.count, 2) + little(0, 2)
  }

  private static func little(_ value: Int, _ count: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
  }

  private static let table: [UInt32] = (0..<256).map { byte in
    (0..<8).reduce(UInt32(byte)) { value, _ in value & 1 == 1 ? 0xedb8_8320 ^ (value >> 1) : value >> 1 }
  }

  /// CRC-32 (ISO 3309).
  package static func crc(_ bytes: [UInt8]) -> UInt32 {
    ~bytes.reduce(~UInt32(0)) { table[Int(UInt8(truncatingIfNeeded: $0) ^ $1)] ^ ($0 >> 8) }
  }
}
