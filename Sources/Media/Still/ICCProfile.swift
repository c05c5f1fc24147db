import Glibc

/// What must be known of an ICC profile (ICC.1:2022) before a library is loaded for it: most say sRGB at length. Every offset in
/// it is the file's claim, and checked.
struct ICCProfile {
  let bytes: [UInt8]
  /// Four letters: `RGB `, `GRAY`, `CMYK`, …
  let colorSpace: String

  /// - Returns: nil for what has no header of a profile.
  init?(_ bytes: [UInt8]) {
    guard bytes.count >= 132, bytes[36..<40].elementsEqual("acsp".utf8) else { return nil }
    self.bytes = bytes
    colorSpace = String(decoding: bytes[16..<20], as: UTF8.self)
  }

  /// Whether its primaries and curves are those of IEC 61966-2-1, as closely as eyes can tell. Names do not count: there is a
  /// linear sRGB, too.
  var isSRGB: Bool {
    let columns = [
      ("rXYZ", [0.4361, 0.2225, 0.0139]), ("gXYZ", [0.3851, 0.7169, 0.0971]),
      ("bXYZ", [0.1431, 0.0606, 0.7141]),
    ]
    // With a table from device to connection space that would be what counts.
    guard tag("A2B0") == nil else { return false }
    return columns.allSatisfy { name, wanted in
      guard let found = tag(name), found.count >= 20 else { return false }
      return zip([8, 12, 16], wanted).allSatisfy { abs(fixed(found, $0) - $1) < 0.004 }
    }
      && ["rTRC", "gTRC", "bTRC"].allSatisfy { name in
        guard let curve = tag(name) else { return false }
        return [(0.2, 0.0331), (0.5, 0.2140), (0.8, 0.6038)].allSatisfy { level, wanted in
          value(of: curve, at: level).map { abs($0 - wanted) < 0.01 } ?? false
        }
      }
  }

  /// The data of a tag, its type first.
  private func tag(_ name: String) -> ArraySlice<UInt8>? {
    let count = min(number(bytes[128..<132]), 100, (bytes.count - 132) / 12)
    for index in 0..<max(0, count) {
      let entry = 132 + index * 12
      guard bytes[entry..<entry + 4].elementsEqual(name.utf8) else { continue }
      let (start, length) = (number(bytes[entry + 4..<entry + 8]), number(bytes[entry + 8..<entry + 12]))
      return start <= bytes.count && length <= bytes.count - start ? bytes[start..<start + length] : nil
    }
    return nil
  }

  /// A curve at a level of 0…1 (sections 10.6 and 10.18); nil for what is none.
  private func value(of curve: ArraySlice<UInt8>, at level: Double) -> Double? {
    let curve = Array(curve)
    guard curve.count >= 12 else { return nil }
    if curve.starts(with: "para".utf8) {
      let kind = number(curve[8..<10])
      let counts = [1, 3, 4, 5, 7]
      guard kind < counts.count, curve.count >= 12 + 4 * counts[kind] else { return nil }
      let p = (0..<counts[kind]).map { fixed(curve[...], 12 + 4 * $0) }
      switch kind {
      case 0: return pow(level, p[0])
      case 3: return level >= p[4] ? pow(p[1] * level + p[2], p[0]) : p[3] * level
      case 4: return level >= p[4] ? pow(p[1] * level + p[2], p[0]) + p[5] : p[3] * level + p[6]
      default: return nil
      }
    }
    guard curve.starts(with: "curv".utf8) else { return nil }
    let count = number(curve[8..<12])
    if count == 0 { return level }
    guard count <= (curve.count - 12) / 2 else { return nil }
    func entry(_ index: Int) -> Double { Double(number(curve[12 + 2 * index..<14 + 2 * index])) }
    if count == 1 { return pow(level, entry(0) / 256) }
    let place = level * Double(count - 1)
    let below = min(Int(place), count - 2)
    return (entry(below) + (entry(below + 1) - entry(below)) * (place - Double(below))) / 65535
  }

  private func number(_ bytes: ArraySlice<UInt8>) -> Int { bytes.reduce(0) { $0 << 8 | Int($1) } }

  /// A number of 16 bits and 16 behind the point (s15Fixed16Number).
  private func fixed(_ bytes: ArraySlice<UInt8>, _ offset: Int) -> Double {
    let start = bytes.startIndex + offset
    return Double(Int32(truncatingIfNeeded: number(bytes[start..<start + 4]))) / 65536
  }
}
