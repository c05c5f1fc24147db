import Media
import Testing

/// Files damaged at random, the same in every run: each decodes or throws, and nothing crashes.
@Suite struct DamageTests {
  static let names = [
    "sampling-2x2.jpg", "progressive.jpg", "arithmetic.jpg", "cmyk.jpg", "restarts.jpg", "oriented6.jpg",
    "rgb8.png", "rgba16-interlaced.png", "palette4-alpha.png", "gray1-key.png", "odd-chunks.png",
    "oriented5.png",
  ]

  @Test(arguments: names)
  func randomBytesAfterTheHeader(name: String) throws {
    let bytes = try fixtureBytes(name)
    for seed in 0..<25 {
      var numbers = SeededNumbers(seed: UInt64(seed))
      // A whole header, or the signature alone.
      let kept = name.hasSuffix("png") ? (seed % 2 == 0 ? 33 : 8) : (seed % 2 == 0 ? headerLength(bytes) : 4)
      let noise = (0..<500).map { _ in UInt8.random(in: 0...255, using: &numbers) }
      decode(Array(bytes[..<kept]) + noise)
    }
  }

  @Test(arguments: names)
  func mutations(name: String) throws {
    let bytes = try fixtureBytes(name)
    for seed in 0..<25 {
      var numbers = SeededNumbers(seed: UInt64(1000 + seed))
      decode(mutated(bytes, using: &numbers))
    }
  }

  /// Reaches code behind the checksums, which stop nearly every mutated PNG.
  @Test(arguments: names.filter { $0.hasSuffix("png") })
  func mutationsWithRightChecksums(name: String) throws {
    let bytes = try fixtureBytes(name)
    for seed in 0..<25 {
      var numbers = SeededNumbers(seed: UInt64(2000 + seed))
      var broken = mutated(bytes, using: &numbers)
      fixChecksums(of: &broken)
      decode(broken)
    }
  }

  private func decode(_ bytes: [UInt8]) {
    let options = DecodeOptions(coveringSide: 12, pixelLimit: 4_000_000)
    do throws(MediaError) {
      let picture = try Picture(bytes: bytes, path: "damaged", options: options)
      #expect(picture.image.pixels.count == picture.image.width * picture.image.height * 3)
    } catch {
      #expect([.undecodable, .unsupported, .tooLarge].contains(error.kind), "\(error)")
      #expect(!error.reason.isEmpty && !error.description.contains("\n"))
    }
  }

  /// Up to the first scan of a JPEG.
  private func headerLength(_ bytes: [UInt8]) -> Int {
    (1..<bytes.count).first { bytes[$0 - 1] == 0xFF && bytes[$0] == 0xDA }! + 13
  }
}

/// Some bytes changed, and now and then a piece cut out or doubled.
func mutated(_ bytes: [UInt8], using numbers: inout SeededNumbers) -> [UInt8] {
  var result = bytes
  for _ in 0..<Int.random(in: 1...8, using: &numbers) {
    let place = Int.random(in: 0..<result.count, using: &numbers)
    let end = min(place + Int.random(in: 1...20, using: &numbers), result.count)
    switch Int.random(in: 0..<10, using: &numbers) {
    case 0 where end - place < result.count: result.removeSubrange(place..<end)
    case 1: result.insert(contentsOf: Array(result[place..<end]), at: place)
    case 2: result[place] = [0, 1, 0x7F, 0x80, 0xFF].randomElement(using: &numbers)!
    default: result[place] = UInt8.random(in: 0...255, using: &numbers)
    }
  }
  return result
}

/// Writes the right checksum after each chunk of a PNG, as far as chunks can be told.
func fixChecksums(of bytes: inout [UInt8]) {
  var position = 8
  while position + 12 <= bytes.count {
    let length = bytes[position..<position + 4].reduce(0) { $0 << 8 | Int($1) }
    guard position + 12 + length <= bytes.count else { return }
    fixChecksum(of: &bytes, chunkAt: position)
    position += 12 + length
  }
}

/// Writes the right checksum (CRC-32, as PNG's annex D) after the chunk that begins at `position`.
func fixChecksum(of bytes: inout [UInt8], chunkAt position: Int) {
  let length = bytes[position..<position + 4].reduce(0) { $0 << 8 | Int($1) }
  var sum: UInt32 = 0xFFFF_FFFF
  for byte in bytes[position + 4..<position + 8 + length] {
    sum ^= UInt32(byte)
    for _ in 0..<8 { sum = sum & 1 == 1 ? sum >> 1 ^ 0xEDB8_8320 : sum >> 1 }
  }
  for index in 0..<4 {
    bytes[position + 8 + length + index] = UInt8(truncatingIfNeeded: ~sum >> (24 - 8 * index))
  }
}
