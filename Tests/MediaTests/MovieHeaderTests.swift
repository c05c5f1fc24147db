import Media
import TestSupport
import Testing

@Suite struct MovieHeaderTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// A box of ISO/IEC 14496-12: its length in 32 bits, its type, its content.
  private func box(_ type: String, _ content: [UInt8], length: UInt32? = nil) -> [UInt8] {
    bytes(length ?? UInt32(8 + content.count)) + Array(type.utf8) + content
  }

  private func bytes<Number: FixedWidthInteger>(_ number: Number) -> [UInt8] {
    (0..<Number.bitWidth / 8).reversed().map { UInt8(truncatingIfNeeded: number >> ($0 * 8)) }
  }

  /// A movie header of version 0, its times 7 and 8.
  private func header(_ ticks: UInt32, _ rate: UInt32) -> [UInt8] {
    box("mvhd", [0, 0, 0, 0] + bytes(7 as UInt32) + bytes(8 as UInt32) + bytes(rate) + bytes(ticks))
  }

  /// A movie header of version 1, whose times and length have 64 bits.
  private func wideHeader(_ ticks: UInt64, _ rate: UInt32) -> [UInt8] {
    box("mvhd", [1, 0, 0, 0] + bytes(7 as UInt64) + bytes(8 as UInt64) + bytes(rate) + bytes(ticks))
  }

  private func length(_ content: [UInt8]) throws -> Int64? {
    try MovieHeader.microseconds(contentsOf: try folder.write(content, "movie.mp4").path)
  }

  @Test func lengthsAreThoseOfTheHeader() throws {
    let file = box("ftyp", Array("isom".utf8))
    #expect(try length(file + box("moov", header(2920, 1000))) == 2_920_000)
    // Rounded, as FFmpeg 5 does.
    #expect(try length(box("moov", header(1, 3))) == 333_333)
    #expect(try length(box("moov", header(2, 3))) == 666_667)
    #expect(try length(box("moov", header(1, 2_000_000))) == 1)
    #expect(try length(box("moov", wideHeader(90_000 * 3600, 90_000))) == 3_600_000_000)
    // Behind what else there may be, which here is as long as its 64 bits say.
    let data = bytes(1 as UInt32) + Array("mdat".utf8) + bytes(20 as UInt64) + [1, 2, 3, 4]
    #expect(try length(file + data + box("moov", box("free", [0]) + header(5, 1))) == 5_000_000)
    // The last box may leave its length open, and be shorter than it says.
    #expect(try length(file + box("moov", header(5, 1), length: 0)) == 5_000_000)
    #expect(try length(file + box("moov", header(5, 1), length: 4000)) == 5_000_000)
  }

  @Test func whatTheHeaderDoesNotSayIsNotGuessed() throws {
    #expect(try length(box("moov", header(0, 1000))) == nil)
    #expect(try length(box("moov", header(5, 0))) == nil)
    #expect(try length(box("moov", header(.max, 1000))) == nil)
    #expect(try length(box("moov", wideHeader(.max, 1000))) == nil)
    for ticks in [UInt64.max - 1, 15_000_000_000_000] {
      #expect(try length(box("moov", wideHeader(ticks, 1))) == nil)
    }
    // In fragments, it speaks of the first alone.
    #expect(try length(box("moov", header(5, 1) + box("mvex", []))) == nil)
    #expect(try length(box("moov", box("trak", header(5, 1)))) == nil)
    #expect(try length(box("free", box("moov", header(5, 1)))) == nil)
    // Lengths that lead nowhere.
    #expect(try length(box("free", [], length: 7) + box("moov", header(5, 1))) == nil)
    #expect(try length(bytes(1 as UInt32) + Array("free".utf8) + bytes(UInt64.max)) == nil)
    #expect(try length([]) == nil)
  }

  @Test func cutFilesSayNothing() throws {
    for whole in [box("moov", header(5, 1)), box("moov", wideHeader(5, 1))] {
      for count in 0..<whole.count { #expect(try length(Array(whole.prefix(count))) == nil) }
    }
  }

  @Test(arguments: ["video.webm", "video.avi", "video-two-sizes.ts", "still.gif", "rgb.jpg"])
  func otherFormatsHaveNone(name: String) throws {
    #expect(try MovieHeader.microseconds(contentsOf: fixture(name)) == nil)
  }

  /// Also where the frames add up to less, or more.
  @Test(arguments: [2920, 3100, 2500])
  func videosEndWhereTheirHeaderSays(milliseconds: Int) throws {
    var file = try fixtureBytes("video-vfr.mp4")
    let type = try #require(file.indices.first { file[$0...].starts(with: "mvhd".utf8) })
    file.replaceSubrange(type + 20..<type + 24, with: bytes(UInt32(milliseconds)))
    let video = try VideoFile(contentsOf: try folder.write(file, "video.mp4").path)
    #expect(video.duration == Double(milliseconds) / 1000)
    #expect(video.end == Double(milliseconds) / 1000)
  }

  @Test func lengthsBeyondAllBoundsDoNoHarm() throws {
    var file = try fixtureBytes("video-vfr.mp4")
    func position(of type: String) throws -> Int {
      try #require(file.indices.first { file[$0...].starts(with: type.utf8) })
    }
    // Without its edit list, the file begins later than at 0, so that the sum with the length is larger than an Int64.
    let edits = try position(of: "edts")
    file.replaceSubrange(edits..<edits + 4, with: "free".utf8)
    let (movie, old) = (try position(of: "moov") - 4, try position(of: "mvhd") - 4)
    let movieLength = UInt32(file.count - movie)
    let longest = wideHeader(9_223_372_036_854_700_000, 1_000_000)
    file.replaceSubrange(old + 8..<old + 28, with: longest[8...])
    file.replaceSubrange(old..<old + 4, with: bytes(108 + 12 as UInt32))
    file.replaceSubrange(movie..<movie + 4, with: bytes(movieLength + 12))

    let video = try VideoFile(contentsOf: try folder.write(file, "video.mp4").path)
    var count = 0
    while try video.advance() != nil { count += 1 }
    #expect(count == 31)
    #expect(video.lastEnd < 3.2)
    let jumping = try VideoFile(contentsOf: folder.path("video.mp4"))
    for time in [1e30, .infinity, -1e30, -.infinity] { jumping.skip(to: time) }
    #expect(try jumping.advance() != nil)
  }
}
