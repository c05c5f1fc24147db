import Media
import TestSupport
import Testing

/// The sizes that coded pictures have by their own headers, and files of which the boxes say another.
@Suite struct CodedSizeTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  // MARK: Headers

  @Test func sizesAreThoseOfTheCodedPictures() throws {
    func av1(_ name: String) throws -> CodedSize {
      CodedSize(av1: try content(of: "mdat", in: try fixtureBytes("stills/" + name)))
    }
    #expect(try av1("plain.avif") == CodedSize(width: 64, height: 48))
    #expect(try av1("pq.avif") == CodedSize(width: 64, height: 48, isDeep: true))
    // Coded in whole blocks.
    let configuration = try content(of: "hvcC", in: try fixtureBytes("stills/plain.heic"))
    #expect(CodedSize(hevcConfiguration: configuration) == CodedSize(width: 64, height: 64))
  }

  @Test func allHeadersOfSequencesAreRead() {
    let (small, large) = (sequenceHeader(8, 8), sequenceHeader(4000, 3000))
    let temporalDelimiter: [UInt8] = [0x12, 0]
    #expect(CodedSize(av1: (temporalDelimiter + small + large)[...]).pixels == 12_000_000)
    #expect(CodedSize(av1: (large + small)[...]).pixels == 12_000_000)
    #expect(CodedSize(av1: sequenceHeader(65_536, 65_536, isDeep: true)[...]).isDeep)
    #expect(CodedSize(av1: sequenceHeader(300, 200, isReduced: false)[...]).pixels == 60_000)
    #expect(CodedSize(hevc: parameterSet(300, 200)[...]) == CodedSize(width: 300, height: 200))
    #expect(CodedSize(hevc: parameterSet(1 << 30, 1 << 30)[...]).pixels == 1 << 60)
    let deep = parameterSet(300, 200, depth: 10)
    #expect(CodedSize(hevc: (parameterSet(8, 8) + deep)[...]).isDeep)
    for cut in 0..<deep.count { #expect(CodedSize(hevc: deep[..<cut]).pixels <= 60_000) }
    for cut in 0..<large.count { #expect(CodedSize(av1: large[..<cut]).pixels <= 12_000_000) }
  }

  // MARK: Files whose `ispe` says 64 × 48

  @Test func sizesThatLieAreRefusedBeforeDecoding() throws {
    let large = sequenceHeader(30_000, 20_000)
    #expect(try kind(of: [Item("av01", large)]) == .tooLarge)
    #expect(try kind(of: [Item("av01", sequenceHeader(64, 48) + large)]) == .tooLarge)
    #expect(try kind(of: [Item("av01", [], property: "av1C", [0x81, 0, 0, 0] + large)]) == .tooLarge)
    let set = parameterSet(30_000, 20_000)
    #expect(try kind(of: [Item("hvc1", [], property: "hvcC", hevcConfiguration(set))]) == .tooLarge)
    #expect(try kind(of: [Item("hvc1", set)]) == .tooLarge)
    let tile = Item("av01", sequenceHeader(64, 48))
    #expect(try kind(of: [Item("grid", canvas(30_000, 20_000), parts: [2]), tile]) == .tooLarge)
    let overlay = [0, 1] + [UInt8](repeating: 0, count: 8) + canvas(30_000, 20_000).dropFirst(4)
    #expect(try isRefused([Item("iovl", overlay, parts: [2]), tile]))
    #expect(try kind(of: [Item("iden", [], parts: [2]), Item("av01", large)]) == .tooLarge)
    // As large as 8 bits may have it, but deeper.
    #expect(try isRefused([Item("av01", sequenceHeader(7000, 6500))]))
    #expect(try kind(of: [Item("av01", sequenceHeader(7000, 6500, isDeep: true))]) == .tooLarge)
  }

  @Test func picturesOfPicturesHaveAnEnd() throws {
    #expect(try kind(of: [Item("iden", [], parts: [1])]) == .unsupported)
    let many = [Int](repeating: 2, count: 65_535)
    let tile = Item("av01", sequenceHeader(7000, 6500))
    #expect(try isRefused([Item("iovl", [UInt8](repeating: 0, count: 14), parts: many), tile]))
  }

  /// Numbers that promise more than there is, again and again.
  @Test func countsThatLieTakeNoTime() throws {
    var start = try fixtureBytes("stills/plain.avif")
    let place = try self.start(of: "meta", in: start)
    let iloc = box("iloc", [2, 0, 0, 0, 0x44, 0] + [255, 255, 255, 255])
    let iref = box("iref", [0, 0, 0, 0] + box("dimg", [0, 1, 255, 255]))
    // Places that take no bytes.
    let empty = box(
      "iloc", [0, 0, 0, 0, 0, 0, 255, 255] + (0..<4000).flatMap { _ in [0, 1, 0, 0, 255, 255] })
    let more = (0..<4000).flatMap { _ in iloc + iref } + empty
    start.replaceSubrange(place..<place + 4, with: long(long(start[place..<place + 4]) + more.count))
    start.insert(contentsOf: more, at: place + 12)
    let path = try folder.write(start, "picture.avif").path
    let taken = ContinuousClock().measure { _ = try? Picture(contentsOf: path) }
    #expect(taken < .seconds(5))
  }

  private func kind(of items: [Item]) throws -> FailureKind? {
    let path = try folder.write(file(items), "picture.avif").path
    return failure(at: path)?.kind
  }

  /// Newer versions of libheif refuse some files themselves, with errors of their own.
  private func isRefused(_ items: [Item]) throws -> Bool {
    [.tooLarge, .undecodable, .unsupported].contains(try kind(of: items))
  }

  // MARK: Making them

  private struct Item {
    let type: String
    let data: [UInt8]
    let property: (String, [UInt8])
    let parts: [Int]

    init(
      _ type: String, _ data: [UInt8], property: String? = nil, _ content: [UInt8]? = nil, parts: [Int] = []
    ) {
      (self.type, self.data, self.parts) = (type, data, parts)
      let other =
        type == "hvc1" ? ("hvcC", [1] + [UInt8](repeating: 0, count: 22)) : ("av1C", [0x81, 0, 0, 0])
      self.property = property.map { ($0, content ?? []) } ?? other
    }
  }

  private func word(_ number: Int) -> [UInt8] { [UInt8(number >> 8 & 0xFF), UInt8(number & 0xFF)] }

  private func long(_ number: Int) -> [UInt8] { word(number >> 16) + word(number) }

  private func long(_ bytes: ArraySlice<UInt8>) -> Int { bytes.reduce(0) { $0 << 8 | Int($1) } }

  private func box(_ type: String, _ content: [UInt8]) -> [UInt8] {
    long(8 + content.count) + Array(type.utf8) + content
  }

  /// A file of items, the first its picture; their numbers count from 1.
  private func file(_ items: [Item]) -> [UInt8] {
    let version: [UInt8] = [0, 0, 0, 0]
    let start = box("ftyp", Array("avif".utf8) + version + Array("avifmif1heic".utf8))
    let names = items.enumerated().flatMap { index, item -> [UInt8] in
      box("infe", [2, 0, 0, 0] + word(index + 1) + word(0) + Array(item.type.utf8) + [0])
    }
    let references = items.enumerated().flatMap { index, item -> [UInt8] in
      item.parts.isEmpty
        ? [] : box("dimg", word(index + 1) + word(item.parts.count) + item.parts.flatMap(word))
    }
    let size = box("ispe", version + long(64) + long(48))
    let properties = items.flatMap { (item) -> [UInt8] in box(item.property.0, item.property.1) }
    let uses = items.indices.flatMap { (index) -> [UInt8] in word(index + 1) + [2, 1, UInt8(index + 2)] }
    func meta(_ place: Int) -> [UInt8] {
      var (place, places) = (place, [UInt8]())
      for (index, item) in items.enumerated() {
        places += word(index + 1) + word(0) + word(1) + long(place) + long(item.data.count)
        place += item.data.count
      }
      let handler = version + version + Array("pict".utf8) + [UInt8](repeating: 0, count: 13)
      let boxes =
        box("hdlr", handler) + box("pitm", version + word(1))
        + box("iinf", version + word(items.count) + names)
        + box("iloc", version + [0x44, 0] + word(items.count) + places) + box("iref", version + references)
        + box(
          "iprp",
          box("ipco", size + properties) + box("ipma", version + long(items.count) + uses))
      return box("meta", version + boxes)
    }
    let data = items.flatMap(\.data)
    return start + meta(start.count + meta(0).count + 8) + box("mdat", data)
  }

  private func canvas(_ width: Int, _ height: Int) -> [UInt8] {
    var bits = Bits()
    for (value, count) in [(0, 8), (1, 8), (0, 16), (width, 32), (height, 32)] { bits.add(value, count) }
    return bits.bytes
  }

  /// Of AV1, as a unit with its length.
  private func sequenceHeader(_ width: Int, _ height: Int, isDeep: Bool = false, isReduced: Bool = true)
    -> [UInt8]
  {
    var bits = Bits()
    bits.add(isReduced ? 0b00011 : 0b00010, 5)
    // With times, a decoder's model, delays; one operating point.
    if isReduced {
      bits.add(31, 5)
    } else {
      for (value, count) in [
        (1, 1), (1, 32), (25, 32), (1, 1), (0b011, 3), (1, 1), (9, 5), (7, 32), (3, 5), (3, 5), (1, 1),
        (0, 5),
        (0, 12), (8, 5), (1, 1), (1, 1), (99, 10), (98, 10), (1, 1), (1, 1), (5, 4),
      ] { bits.add(value, count) }
    }
    bits.add(0xFF, 8)
    bits.add(width - 1, 16)
    bits.add(height - 1, 16)
    bits.add(0, isReduced ? 6 : 17)
    bits.add(isDeep ? 1 : 0, 1)
    bits.add(0, 16)
    return [0x0A, UInt8(bits.bytes.count)] + bits.bytes
  }

  /// Of HEVC, as a unit behind its length.
  private func parameterSet(_ width: Int, _ height: Int, depth: Int = 8) -> [UInt8] {
    var bits = Bits()
    // One layer below the highest, with a level of its own.
    for (value, count) in [(0, 4), (1, 3), (1, 1), (0, 48), (0x5A, 48), (0b01, 2), (0, 14), (93, 8)] {
      bits.add(value, count)
    }
    for value in [0, 1, width, height] { bits.addGolomb(value) }
    bits.add(0, 1)
    for _ in 0..<2 { bits.addGolomb(depth - 8) }
    bits.add(0, 16)
    // A 3 stands where a decoder could take zeros for a mark.
    var unit: [UInt8] = [33 << 1, 1]
    for byte in bits.bytes {
      if byte < 4, unit.suffix(2) == [0, 0] { unit.append(3) }
      unit.append(byte)
    }
    return [0, 0, 0, UInt8(unit.count)] + unit
  }

  private func hevcConfiguration(_ set: [UInt8]) -> [UInt8] {
    [1] + [UInt8](repeating: 0, count: 21) + [1, 33, 0, 1] + set.dropFirst(2)
  }

  private func content(of type: String, in file: [UInt8]) throws -> ArraySlice<UInt8> {
    let place = try start(of: type, in: file)
    return file[place + 8..<place + long(file[place..<place + 4])]
  }

  private func start(of type: String, in file: [UInt8]) throws -> Int {
    let name = Array(type.utf8)
    return try #require((4..<file.count - 4).first { file[$0..<$0 + 4].elementsEqual(name) }) - 4
  }

  private struct Bits {
    private(set) var bytes: [UInt8] = []
    private var count = 0

    mutating func add(_ value: Int, _ length: Int) {
      for place in (0..<length).reversed() {
        if count % 8 == 0 { bytes.append(0) }
        bytes[count / 8] |= UInt8(value >> place & 1) << UInt8(7 - count % 8)
        count += 1
      }
    }

    mutating func addGolomb(_ value: Int) {
      let length = (value + 1).bitWidth - (value + 1).leadingZeroBitCount
      add(0, length - 1)
      add(value + 1, length)
    }
  }
}
