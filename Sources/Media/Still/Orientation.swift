/// How a picture was held when taken: the Exif tag `Orientation` (Exif 2.32, 4.6.5.A), 1…8.
enum Orientation: UInt16, CaseIterable {
  /// In the order of Exif's values: where the first stored row and the first stored column belong.
  case up = 1
  case mirroredHorizontally, upsideDown, mirroredVertically
  case transposed, turnedLeft, transversed, turnedRight

  /// Whether the width in the file is the height of what is seen.
  var swapsSides: Bool { rawValue >= 5 }
}

extension Orientation {
  /// - Parameter exif: a TIFF file's bytes, perhaps with Exif's name before them
  /// - Returns: nil where it tells none, or none that makes sense.
  init?(exif bytes: ArraySlice<UInt8>) {
    let name = Array("Exif\0\0".utf8)
    let content = bytes.starts(with: name) ? bytes.dropFirst(name.count) : bytes
    guard let orientation = ExifReader(content)?.orientation else { return nil }
    self = orientation
  }
}

/// The little of TIFF 6.0 that holds the orientation. Every offset in it is the file's claim, and checked.
private struct ExifReader {
  private let bytes: ArraySlice<UInt8>
  private let isLittleEndian: Bool

  init?(_ bytes: ArraySlice<UInt8>) {
    if bytes.starts(with: [0x49, 0x49, 42, 0]) {
      isLittleEndian = true
    } else if bytes.starts(with: [0x4D, 0x4D, 0, 42]) {
      isLittleEndian = false
    } else {
      return nil
    }
    self.bytes = bytes
  }

  /// Tag 0x0112 of the first directory.
  var orientation: Orientation? {
    guard let directory = number(at: 4, bytes: 4), let count = number(at: directory, bytes: 2) else {
      return nil
    }
    for index in 0..<count {
      let entry = directory + 2 + index * 12
      guard let tag = number(at: entry, bytes: 2) else { return nil }
      guard tag == 0x0112 else { continue }
      let value: Int? =
        switch number(at: entry + 2, bytes: 2) {
        case 3: number(at: entry + 8, bytes: 2)  // SHORT, as the standard says
        case 4: number(at: entry + 8, bytes: 4)  // LONG, as some write
        default: nil
        }
      return value.flatMap(UInt16.init(exactly:)).flatMap(Orientation.init(rawValue:))
    }
    return nil
  }

  private func number(at offset: Int, bytes count: Int) -> Int? {
    guard offset >= 0, offset + count <= bytes.count else { return nil }
    let field = bytes[bytes.startIndex + offset..<bytes.startIndex + offset + count]
    return isLittleEndian
      ? field.reversed().reduce(0) { $0 << 8 | Int($1) } : field.reduce(0) { $0 << 8 | Int($1) }
  }
}
