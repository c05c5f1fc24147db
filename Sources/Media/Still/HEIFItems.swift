/// What the boxes of a HEIC or AVIF say of the pictures in it (ISO/IEC 23008-12; boxes are ISO/IEC 14496-12's).
///
/// libheif believes the box `ispe`, and takes memory for what the coded pictures, grids and overlays have as their size. So these
/// are asked first. Where a box comes more than once, all count.
struct HEIFItems {
  private let file: ArraySlice<UInt8>
  private var types: [Int: Set<String>] = [:]
  private var extents: [Int: [Range<Int>]] = [:]
  /// What a picture is made of; its alpha, too.
  private var parts: [Int: [Int]] = [:]
  /// The largest that any configuration of a decoder has, by the codec.
  private var configured: [String: CodedSize] = [:]
  /// Boxes, places and references that may be read yet: a few bytes can promise billions. Files that libheif takes have fewer.
  private var left = 1_000_000

  init(_ bytes: ArraySlice<UInt8>) {
    file = bytes
    for (type, content) in boxes(in: bytes) where type == "meta" { readMeta(content.dropFirst(4)) }
  }

  /// - Parameters:
  ///   - item: the number of the picture that is to be decoded.
  ///   - bytesPerPixel: that it takes to decode one of 8 bits.
  /// - Throws: `MediaError.tooLarge` where it, or all that it is made of, takes more than allowed; `unsupported` for pictures of
  ///   pictures of pictures, which may go round in a circle; `undecodable` where parts share their bytes.
  func check(_ item: Int, bytesPerPixel: Int, _ options: DecodeOptions, path: String) throws(MediaError) {
    guard left > 0 else { throw .unsupported(path: path, reason: "too many items") }
    // All parts of a picture are decoded, for each place where they stand: grids of the largest size with alpha come to four times
    // as many pixels as one picture. Tiles that look the same may share their bytes.
    var sum = Sum(pixels: options.byteLimit, bytes: 2 * file.count + (64 << 20))
    _ = try check(item, depth: 0, bytesPerPixel, &sum, options, path: path)
  }

  /// What may be decoded yet, and the sizes that are known.
  private struct Sum {
    var pixels: Int
    var bytes: Int
    var sizes: [Int: CodedSize] = [:]
  }

  private func check(
    _ item: Int, depth: Int, _ bytesPerPixel: Int, _ sum: inout Sum, _ options: DecodeOptions, path: String
  ) throws(MediaError) -> CodedSize {
    guard depth < 4 else { throw .unsupported(path: path, reason: "pictures made of pictures, too deep") }
    let size = try size(of: item, &sum, path: path)
    sum.pixels -= max(size.pixels, 4096)
    guard sum.pixels >= 0 else {
      throw .tooLarge(path: path, reason: "its parts have too many pixels together")
    }
    let needed = (size.isDeep ? 2 : 1) * bytesPerPixel
    try options.check(size.width, size.height, bytesPerPixel: needed, path: path)
    var largest = CodedSize()
    let parts = parts[item] ?? []
    for part in parts {
      largest = largest.joined(
        with: try check(part, depth: depth + 1, bytesPerPixel, &sum, options, path: path))
    }
    // libheif decodes four tiles at once, beside the grid, which together may be as large as it again.
    let together = types[item]?.contains("grid") == true ? min(parts.count, 4) : 1
    let pixels = (size.pixels + together * largest.pixels) / 2
    try options.check(
      bytes: pixels * (largest.isDeep ? 2 : 1) * bytesPerPixel, size.width, size.height, path: path)
    return size
  }

  /// By its own data; of a kind that is not known, none.
  private func size(of item: Int, _ sum: inout Sum, path: String) throws(MediaError) -> CodedSize {
    if let known = sum.sizes[item] { return known }
    sum.bytes -= (extents[item] ?? []).reduce(0) { $0 + $1.count }
    guard sum.bytes >= 0 else { throw .undecodable(path: path, reason: "its parts share their bytes") }
    var size = CodedSize()
    for kind in types[item] ?? [] {
      let own: CodedSize? =
        switch kind {
        case "av01": CodedSize(av1: data(of: item))
        case "hvc1": CodedSize(hevc: data(of: item))
        case "grid": Self.canvas(data(of: item), start: 4)
        case "iovl": Self.canvas(data(of: item), start: 10)
        default: nil
        }
      size = size.joined(with: own ?? size).joined(with: configured[kind] ?? size)
    }
    sum.sizes[item] = size
    return size
  }

  /// The size of a grid or an overlay (ISO/IEC 23008-12, section 6.6.2), which is at `start`.
  private static func canvas(_ data: ArraySlice<UInt8>, start: Int) -> CodedSize {
    var bits = BitReader(data)
    bits.skip(15)
    let length = bits.flag() ? 32 : 16
    bits.skip((start - 2) * 8)
    return CodedSize(width: bits.number(length), height: bits.number(length))
  }

  private func data(of item: Int) -> ArraySlice<UInt8> {
    let extents = extents[item] ?? []
    return extents.count == 1 ? file[extents[0]] : ArraySlice(extents.flatMap { file[$0] })
  }
}

// Reading the boxes.
extension HEIFItems {
  /// - Parameter content: boxes, one after the other, as far as they go.
  private mutating func boxes(in content: ArraySlice<UInt8>) -> [(type: String, content: ArraySlice<UInt8>)] {
    var (rest, found) = (content, [(type: String, content: ArraySlice<UInt8>)]())
    while rest.count >= 8, left > 0 {
      left -= 8
      var head = BitReader(rest)
      var (length, headLength) = (head.number(32), 8)
      if length == 1 {
        head.skip(32)
        (length, headLength) = (head.number(64), 16)
      }
      if length == 0 { length = rest.count }
      guard length >= headLength else { break }
      let type = String(decoding: rest.dropFirst(4).prefix(4), as: UTF8.self)
      found.append((type, rest.prefix(length).dropFirst(headLength)))
      rest = rest.dropFirst(length)
    }
    return found
  }

  private mutating func readMeta(_ content: ArraySlice<UInt8>) {
    let children = boxes(in: content)
    let inner = children.first { $0.type == "idat" }?.content ?? []
    for (type, content) in children {
      var bits = BitReader(content)
      let version = bits.number(8)
      bits.skip(24)
      switch type {
      case "iinf": readTypes(bits, isWide: version > 0)
      case "iloc": readExtents(bits, version: version, inner: inner)
      case "iref": readReferences(bits.rest, numberLength: version == 0 ? 16 : 32)
      case "iprp":
        for (type, content) in boxes(in: content) where type == "ipco" { readProperties(content) }
      default: break
      }
    }
  }

  private mutating func readTypes(_ bits: BitReader, isWide: Bool) {
    for (type, content) in boxes(in: bits.rest.dropFirst(isWide ? 4 : 2)) where type == "infe" {
      var bits = BitReader(content)
      let version = bits.number(8)
      guard version >= 2 else { continue }
      bits.skip(24)
      let item = bits.number(version == 2 ? 16 : 32)
      bits.skip(16)
      types[item, default: []].insert(String(decoding: bits.rest.prefix(4), as: UTF8.self))
    }
  }

  /// Where the data of items lie (ISO/IEC 14496-12, section 8.11.3).
  private mutating func readExtents(_ start: BitReader, version: Int, inner: ArraySlice<UInt8>) {
    var bits = start
    let (offsetBits, lengthBits, baseBits) = (8 * bits.number(4), 8 * bits.number(4), 8 * bits.number(4))
    let indexBits = version > 0 ? 8 * bits.number(4) : 0 * bits.number(4)
    for _ in 0..<bits.number(version < 2 ? 16 : 32) {
      left -= 1
      if bits.isPastEnd || left <= 0 { return }
      let item = bits.number(version < 2 ? 16 : 32)
      let method = version > 0 ? bits.number(16) & 0xF : 0
      bits.skip(16)
      let base = bits.number(baseBits)
      let source = method == 1 ? inner : file
      for _ in 0..<bits.number(16) {
        left -= 1
        if bits.isPastEnd || left <= 0 { return }
        bits.skip(indexBits)
        let (place, overflows) = base.addingReportingOverflow(bits.number(offsetBits))
        let length = bits.number(lengthBits)
        let rest = source.dropFirst(overflows ? .max : place)
        let range = (length == 0 ? rest : rest.prefix(length)).indices
        if !range.isEmpty { extents[item, default: []].append(range) }
      }
    }
  }

  private mutating func readReferences(_ content: ArraySlice<UInt8>, numberLength: Int) {
    for (type, content) in boxes(in: content) where type == "dimg" || type == "auxl" {
      var bits = BitReader(content)
      let from = bits.number(numberLength)
      for _ in 0..<bits.number(16) {
        left -= 1
        if bits.isPastEnd || left <= 0 { return }
        let to = bits.number(numberLength)
        if type == "dimg" { parts[from, default: []].append(to) } else { parts[to, default: []].append(from) }
      }
    }
  }

  private mutating func readProperties(_ content: ArraySlice<UInt8>) {
    for (type, content) in boxes(in: content) {
      let (codec, size) =
        switch type {
        case "av1C": ("av01", CodedSize(av1: content.dropFirst(4)))
        case "hvcC": ("hvc1", CodedSize(hevcConfiguration: content))
        default: ("", CodedSize())
        }
      if !codec.isEmpty { configured[codec] = size.joined(with: configured[codec] ?? size) }
    }
  }
}
