import Foundation
import Media
import Testing

@Suite struct BadInputTests {
  @Test func emptyFile() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/nothing.jpg"
      try Data().write(to: URL(fileURLWithPath: path))
      #expect(failure(at: path) == .empty(path: path))
    }
    #expect(failure(of: []) == .empty(path: "some file"))
  }

  @Test func missingPath() {
    let there = fixture("gray.jpg")
    for path in ["/nowhere/at/all.jpg", "", there + "/below-a-file", there + "\0.png"] {
      #expect(failure(at: path) == .missing(path: path))
    }
  }

  @Test func folder() throws {
    try withTemporaryFolder { folder in
      #expect(failure(at: folder) == .unsupported(path: folder, reason: "is a folder"))
    }
  }

  @Test(.timeLimit(.minutes(1)))
  func pipeWithoutAWriterDoesNotHang() throws {
    try withTemporaryFolder { folder in
      #expect(mkfifo(folder + "/pipe.jpg", 0o600) == 0)
      #expect(failure(at: folder + "/pipe.jpg")?.reason == "is not a regular file")
    }
    #expect(failure(at: "/dev/null")?.kind == .unsupported)
  }

  @Test func socket() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/socket"
      let descriptor = Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
      defer { close(descriptor) }
      var address = sockaddr_un()
      address.sun_family = sa_family_t(AF_UNIX)
      withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8.prefix($0.count - 1)) }
      let bound = withUnsafePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
        }
      }
      try #require(bound == 0)
      #expect(failure(at: path)?.reason == "is not a regular file")
    }
  }

  @Test func textNamedAsPicture() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/text.jpg"
      try Data("This is no picture.\n".utf8).write(to: URL(fileURLWithPath: path))
      #expect(failure(at: path) == .unsupported(path: path, reason: "neither a picture nor a video"))
    }
  }

  @Test(.enabled(if: geteuid() != 0, "root may read everything"))
  func fileWithoutPermission() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/secret.png"
      try FileManager.default.copyItem(atPath: fixture("rgb8.png"), toPath: path)
      #expect(chmod(path, 0) == 0)
      #expect(failure(at: path)?.kind == .unreadable)
    }
  }

  /// Also for root: a link to itself, and a file that opens but cannot be read at its beginning.
  @Test func unreadable() throws {
    try withTemporaryFolder { folder in
      #expect(symlink("loop.jpg", folder + "/loop.jpg") == 0)
      let error = try #require(failure(at: folder + "/loop.jpg"))
      #expect(error.kind == .unreadable && error.reason.contains("symbolic links"))
    }
    #expect(failure(at: "/proc/self/mem")?.kind == .unreadable)
  }

  @Test(arguments: [
    "sampling-2x2.jpg", "progressive.jpg", "rgba8.png", "rgb16-interlaced.png",
  ])
  func truncated(name: String) throws {
    let bytes = try fixtureBytes(name)
    // Not within the last few bytes: see `DamagedStillTests`.
    let cuts = (0..<10).map { 1 + $0 * (bytes.count - 40) / 9 } + [2, 3, 4, 8, 20]
    for cut in cuts {
      let error = try #require(failure(of: Array(bytes[..<cut])), "cut to \(cut) of \(bytes.count)")
      #expect(error.kind == .undecodable, "cut to \(cut): \(error)")
    }
  }

  @Test func truncatedIsFoundAtEveryScale() throws {
    let bytes = try fixtureBytes("large.jpg").dropLast(1000)
    for eighths in 1...8 {
      let error = failure(of: Array(bytes), options: .init(coveringSide: 15 * eighths))
      #expect(error?.kind == .undecodable)
    }
  }

  @Test(arguments: ["huge.png", "huge.jpg"])
  func hugeHeaderTakesLittleMemory(name: String) throws {
    let before = peakMemory()
    let error = try #require(failure(at: fixture(name)))
    #expect(error.kind == .tooLarge)
    #expect(error.reason.contains("60000×60000"))
    // Tests run beside each other; the picture would need 3.6 GB.
    #expect(peakMemory() - before < 300 << 20)
  }

  @Test func pixelLimitIsTheLastNumberAllowed() throws {
    for name in ["rgb8.png", "sampling-2x2.jpg"] {
      let bytes = try fixtureBytes(name)
      let picture = try Picture(bytes: bytes, path: "x")
      let pixels = picture.width * picture.height
      #expect(throws: Never.self) { try Picture(bytes: bytes, path: "x", options: .init(pixelLimit: pixels)) }
      #expect(failure(of: bytes, options: .init(pixelLimit: pixels - 1))?.kind == .tooLarge)
      let scaled = DecodeOptions(coveringSide: 1, pixelLimit: pixels - 1)
      #expect(failure(of: bytes, options: scaled)?.kind == .tooLarge, "the limit is for the whole picture")
    }
  }

  /// No limit at all: what memory cannot hold is still an error. PNG sides may be 2³¹ − 1.
  @Test func morePixelsThanAnyMemory() throws {
    var bytes = try fixtureBytes("huge.png")
    for index in 16..<24 { bytes[index] = index % 4 == 0 ? 0x7F : 0xFF }
    fixChecksum(of: &bytes, chunkAt: 8)
    #expect(failure(of: bytes)?.kind == .tooLarge)
    #expect(failure(of: bytes, options: .init(pixelLimit: .max, byteLimit: .max))?.kind == .tooLarge)
    // 100,000 a side: within the limit of sides, but in no memory.
    for index in 16..<24 { bytes[index] = [0, 1, 0x86, 0xA0][index % 4] }
    fixChecksum(of: &bytes, chunkAt: 8)
    let error = try #require(failure(of: bytes, options: .init(pixelLimit: .max, byteLimit: .max)))
    #expect(error.kind == .tooLarge && error.reason.contains("memory"))
  }

  @Test(arguments: [Int.max, Int.max / 2, Int.max / 8, Int.max / 8 + 1])
  func endlessPixelLimits(limit: Int) throws {
    let picture = try Picture(contentsOf: fixture("rgb8.png"), options: .init(pixelLimit: limit))
    #expect(picture.width == 13)
  }

  @Test func wholeFileLargerThanAnyPicture() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/sparse.png"
      try FileManager.default.copyItem(atPath: fixture("rgb8.png"), toPath: path)
      #expect(truncate(path, 8 << 30) == 0)
      #expect(failure(at: path)?.kind == .tooLarge)
    }
  }

  /// Every chunk's checksum, that of a text's too.
  @Test(arguments: ["rgb8.png", "odd-chunks.png", "palette4-alpha.png"])
  func brokenChecksums(name: String) throws {
    let bytes = try fixtureBytes(name)
    var position = 8
    while position < bytes.count {
      let length = bytes[position..<position + 4].reduce(0) { $0 << 8 | Int($1) }
      var broken = bytes
      broken[position + 8 + length] ^= 1
      let error = try #require(failure(of: broken), "chunk at \(position)")
      #expect(error.kind == .undecodable && error.reason.contains("CRC"), "\(error)")
      position += 12 + length
    }
  }

  @Test func endlessScans() throws {
    let error = try #require(failure(of: fixtureBytes("many-scans.jpg")))
    #expect(error.kind == .undecodable && error.reason.contains("scans"))
  }

  @Test func twelveBitJPEG() throws {
    #expect(try failure(of: fixtureBytes("twelve-bits.jpg"))?.kind == .unsupported)
  }
}

/// The most memory that this process has had, in bytes.
private func peakMemory() -> Int {
  var usage = rusage()
  getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
  return usage.ru_maxrss << 10
}
