/// How many frames an MP4 or QuickTime file claims (ISO/IEC 14496-12). FFmpeg takes some 40 bytes for each before it reads the first,
/// and a few bytes of a file can claim billions.
struct MovieIndex {
  /// Of all tracks, sound too, those of the longest twice: some 300 MB. A day at 30 frames a second has 5.2 million.
  static let frameLimit = 6_000_000
  /// A file of nothing but empty boxes must not keep us; a day in fragments of a second has a fifth as many.
  private static let boxLimit = 1_000_000
  /// Boxes of boxes.
  private static let containers = [
    "moov", "trak", "mdia", "minf", "stbl", "edts", "dinf", "tref", "udta", "mvex", "moof", "traf",
  ]

  /// Claimed so far, by tracks that have been read.
  private var frames = 0
  /// The most of one track: while that is sorted by its edits, there are two of it.
  private var largest = 0
  /// Of the current track: frames, and edits that show some of them, perhaps all.
  private var track = (frames: 0, edits: 0)
  private var boxes = 0

  /// - Throws: `MediaError.tooLarge` for a file that claims more than `frameLimit`; one of another format does not.
  static func check(_ file: borrowing RegularFile) throws(MediaError) {
    var index = MovieIndex()
    try index.read(0..<file.size, of: "", depth: 0, in: file)
    guard index.frames + index.largest <= frameLimit else {
      throw .tooLarge(
        path: file.path,
        reason: "its index has \(index.frames + index.largest) entries; the limit is \(frameLimit)")
    }
  }

  /// - Parameter range: boxes, one after the other.
  private mutating func read(
    _ range: Range<Int>, of container: String, depth: Int, in file: borrowing RegularFile
  ) throws(MediaError) {
    if container == "trak" { track = (0, 0) }
    var rest = range
    while rest.count >= 8, boxes < Self.boxLimit {
      boxes += 1
      let head = try file.bytes(atMost: min(16, rest.count), from: rest.lowerBound)
      var bits = BitReader(head[...])
      var (length, headLength) = (bits.number(32), 8)
      if length == 1 {
        bits.skip(32)
        (length, headLength) = (bits.number(64), 16)
      }
      if length == 0 { length = rest.count }
      guard head.count >= 8, length >= headLength else { break }
      let end = rest.lowerBound + min(length, rest.count)
      let content = min(rest.lowerBound + headLength, end)..<end
      let type = String(decoding: head[4..<8], as: UTF8.self)
      if Self.containers.contains(type) {
        if depth < 10 { try read(content, of: type, depth: depth + 1, in: file) }
      } else {
        try count(type, content, in: file)
      }
      rest = end..<rest.upperBound
    }
    if container == "trak" {
      frames = Self.sum(frames, Self.product(track.frames, max(1, track.edits)))
      largest = max(largest, track.frames)
    }
  }

  private mutating func count(_ type: String, _ content: Range<Int>, in file: borrowing RegularFile)
    throws(MediaError)
  {
    guard ["stsz", "stz2", "trun", "elst"].contains(type) else { return }
    // A version and flags first; before the number of frames stands their length.
    let isTable = type.hasPrefix("st")
    let head = try file.bytes(atMost: min(12, content.count), from: content.lowerBound)
    var bits = BitReader(head[...])
    let version = bits.number(8)
    bits.skip(isTable ? 56 : 24)
    let count = bits.number(32)
    switch type {
    case "trun": frames = Self.sum(frames, count)
    case "elst":
      // A length and a place, of 4 or 8 bytes, and a speed; a place of −1 shows nothing.
      let (length, place) = version == 1 ? (20, 8) : (12, 4)
      let entries = min(count, content.dropFirst(8).count / length)
      let looked = try file.bytes(atMost: min(entries, 1000) * length, from: content.lowerBound + 8)
      let empty = stride(from: 0, to: looked.count, by: length).count {
        looked.dropFirst($0 + place).prefix(4).elementsEqual([255, 255, 255, 255])
      }
      track.edits = Self.sum(track.edits, entries - empty)
    default: track.frames = Self.sum(track.frames, count)
    }
  }

  // Numbers of files must not overflow.
  private static func sum(_ left: Int, _ right: Int) -> Int { min(left + right, 1 << 40) }

  private static func product(_ left: Int, _ right: Int) -> Int { min(left, 1 << 30) * min(right, 1 << 30) }
}
