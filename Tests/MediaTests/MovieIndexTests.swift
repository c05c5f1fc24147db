import Media
import TestSupport
import Testing

/// MP4 files that claim more frames than memory should be taken for.
@Suite struct MovieIndexTests {
  private let folder: TemporaryFolder
  private let file: [UInt8]

  init() throws {
    folder = try TemporaryFolder()
    file = try fixtureBytes("video-one-frame.mp4")
  }

  @Test func claimsOfTablesAreBounded() throws {
    #expect(try kind(of: with(frames: .max)) == .tooLarge)
    // While it is sorted there are two of it.
    #expect(try kind(of: with(frames: 4_100_000)) == .tooLarge)
    #expect(try kind(of: with(frames: 2)) == nil)
  }

  @Test func claimsOfFragmentsAreBounded() throws {
    func fragment(_ count: UInt32) -> [UInt8] {
      box("moof", box("traf", box("trun", [0, 0, 0, 1] + bytes(count) + bytes(0))))
    }
    #expect(try kind(of: file + fragment(50_000)) != .tooLarge)
    #expect(try kind(of: file + fragment(5_000_000) + box("free", []) + fragment(5_000_000)) == .tooLarge)
  }

  /// Each edit may show all frames; an empty one shows none.
  @Test func claimsOfEditsAreBounded() throws {
    func edits(_ place: UInt32) throws -> [UInt8] {
      let edit = bytes(1000 as UInt32) + bytes(place) + bytes(0x1_0000 as UInt32)
      let list = box("elst", [0, 0, 0, 0] + bytes(9 as UInt32) + (0..<9).flatMap { _ in edit })
      return try inserting(list, intoThe: "edts", of: ["moov", "trak", "edts"], in: with(frames: 1_000_000))
    }
    #expect(try kind(of: edits(0)) == .tooLarge)
    #expect(try kind(of: edits(.max)) == nil)
  }

  /// nil where it can be opened.
  private func kind(of content: [UInt8]) throws -> FailureKind? {
    let path = try folder.write(content, "movie.mp4").path
    do {
      _ = try VideoFile(contentsOf: path)
      return nil
    } catch {
      return error.kind
    }
  }

  /// A table of frames of one size.
  private func with(frames: UInt32) throws -> [UInt8] {
    var content = file
    let place = try start(of: "stsz", in: content) + 16
    content.replaceSubrange(place..<place + 4, with: bytes(frames))
    return content
  }

  private func inserting(
    _ box: [UInt8], intoThe container: String, of parents: [String], in file: [UInt8]
  ) throws -> [UInt8] {
    var content = file
    for parent in parents {
      let place = try start(of: parent, in: content)
      let length = content[place..<place + 4].reduce(0) { $0 << 8 | UInt32($1) }
      content.replaceSubrange(place..<place + 4, with: bytes(length + UInt32(box.count)))
    }
    let place = try start(of: container, in: content) + 8
    content.insert(contentsOf: box, at: place)
    return content
  }

  private func start(of type: String, in content: [UInt8]) throws -> Int {
    let name = Array(type.utf8)
    return try #require((4..<content.count - 4).first { content[$0..<$0 + 4].elementsEqual(name) }) - 4
  }

  private func box(_ type: String, _ content: [UInt8]) -> [UInt8] {
    bytes(UInt32(8 + content.count)) + Array(type.utf8) + content
  }

  private func bytes(_ number: UInt32) -> [UInt8] {
    (0..<4).reversed().map { UInt8(truncatingIfNeeded: number >> ($0 * 8)) }
  }
}
