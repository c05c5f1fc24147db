/// What an MP4 or QuickTime file says of itself as a whole (ISO/IEC 14496-12).
package enum MovieHeader {
  /// Boxes that are looked at on one level, at most: a file of nothing but empty boxes must not keep us.
  private static let boxLimit = 10_000

  /// The length of the longest track as it is shown, by the movie header (section 8.2.2).
  /// - Returns: microseconds, rounded; nil where the header does not say, where it speaks of the first fragment alone, and for
  ///   files of other formats.
  package static func microseconds(contentsOf path: String) throws(MediaError) -> Int64? {
    try microseconds(RegularFile(path: path))
  }

  /// The same of an open file.
  static func microseconds(_ file: borrowing RegularFile) throws(MediaError) -> Int64? {
    guard let movie = try content(of: "moov", in: file, 0..<file.size),
      try content(of: "mvex", in: file, movie) == nil,
      let header = try content(of: "mvhd", in: file, movie)
    else { return nil }
    // A byte of version, three of flags, two times, ticks a second, and ticks.
    let bytes = try file.bytes(atMost: min(header.count, 32), from: header.lowerBound)
    let wide = bytes.first == 1
    guard bytes.count >= (wide ? 32 : 20) else { return nil }
    let rate = number(bytes[(wide ? 20 : 12)...].prefix(4))
    let ticks = number(bytes[(wide ? 24 : 16)...].prefix(wide ? 8 : 4))
    // All ones: not known.
    guard rate > 0, ticks > 0, ticks != (wide ? .max : UInt64(UInt32.max)) else { return nil }
    let (millionfold, overflows) = ticks.multipliedReportingOverflow(by: 1_000_000)
    return overflows
      ? nil : Int64(exactly: millionfold / rate + (millionfold % rate * 2 >= rate ? 1 : 0))
  }

  /// Whether it is such a file, of which the box is missing that says where its frames are (section 8.2.1): recorders write it
  /// last.
  static func lacksIndex(_ file: borrowing RegularFile) throws(MediaError) -> Bool {
    let all = 0..<file.size
    guard try content(of: "moov", in: file, all) == nil else { return false }
    if try content(of: "ftyp", in: file, all) != nil { return true }
    return try content(of: "mdat", in: file, all) != nil
  }

  /// Where the content of the first box of a type lies.
  /// - Parameter range: whole boxes, one after the other (section 4.2).
  private static func content(of type: String, in file: borrowing RegularFile, _ range: Range<Int>)
    throws(MediaError) -> Range<Int>?
  {
    var start = range.lowerBound
    for _ in 0..<boxLimit {
      let head = try file.bytes(atMost: min(16, range.upperBound - start), from: start)
      guard head.count >= 8 else { return nil }
      var (length, headLength) = (number(head[..<4]), 8)
      if length == 1 {
        guard head.count == 16 else { return nil }
        (length, headLength) = (number(head[8...]), 16)
      }
      let left = range.upperBound - start
      // The last box may leave its length open.
      let box = length == 0 ? left : Int(clamping: length)
      guard box >= headLength else { return nil }
      if head[4..<8].elementsEqual(type.utf8) { return start + headLength..<start + min(box, left) }
      guard box < left else { return nil }
      start += box
    }
    return nil
  }

  private static func number(_ bytes: ArraySlice<UInt8>) -> UInt64 {
    bytes.reduce(0) { $0 << 8 | UInt64($1) }
  }
}
