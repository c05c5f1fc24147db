/// How large a picture is by its coded data, which are what a decoder takes memory for: a container may say otherwise.
package struct CodedSize: Equatable {
  package var width = 0
  package var height = 0
  /// Whether a sample has more than 8 bits.
  package var isDeep = false

  package init(width: Int = 0, height: Int = 0, isDeep: Bool = false) {
    (self.width, self.height, self.isDeep) = (width, height, isDeep)
  }

  /// Within `Int`, whatever the sides are.
  package var pixels: Int { min(width, Int(Int32.max)) * min(height, Int(Int32.max)) }

  /// The larger one's sides; deep if one of them is.
  func joined(with other: CodedSize) -> CodedSize {
    var larger = other.pixels > pixels ? other : self
    larger.isDeep = isDeep || other.isDeep
    return larger
  }
}

extension CodedSize {
  /// The largest size that the sequence headers among AV1's units allow (AV1 Bitstream & Decoding Process, section 5.3).
  package init(av1 data: ArraySlice<UInt8>) {
    var rest = data
    while let head = rest.first {
      rest = rest.dropFirst(head & 4 != 0 ? 2 : 1)
      var length = rest.count
      if head & 2 != 0 {
        var (size, shift) = (0, 0)
        while shift < 56, let byte = rest.popFirst() {
          size |= Int(byte & 0x7F) << shift
          shift += 7
          if byte & 0x80 == 0 { break }
        }
        length = min(size, rest.count)
      }
      if head >> 3 & 0xF == 1 { self = joined(with: CodedSize(sequenceHeader: rest.prefix(length))) }
      rest = rest.dropFirst(length)
    }
  }

  /// Section 5.5 of the same.
  private init(sequenceHeader data: ArraySlice<UInt8>) {
    var bits = BitReader(data)
    bits.skip(4)  // profile, still
    let isReduced = bits.flag()
    if isReduced { bits.skip(5) } else { Self.skipOperatingPoints(&bits) }
    let (widthBits, heightBits) = (bits.number(4) + 1, bits.number(4) + 1)
    (width, height) = (bits.number(widthBits) + 1, bits.number(heightBits) + 1)
    if !isReduced, bits.flag() { bits.skip(7) }
    bits.skip(3)
    if !isReduced {
      bits.skip(4)
      let hasOrder = bits.flag()
      if hasOrder { bits.skip(2) }
      // What is chosen frame by frame: screen content, then vectors of whole pixels.
      let screen = bits.flag() ? 2 : bits.number(1)
      if screen > 0, !bits.flag() { bits.skip(1) }
      if hasOrder { bits.skip(3) }
    }
    bits.skip(3)
    isDeep = bits.flag()
    if bits.isPastEnd { self = CodedSize() }
  }

  private static func skipOperatingPoints(_ bits: inout BitReader) {
    var (hasModel, delayBits) = (false, 0)
    if bits.flag() {  // timing
      bits.skip(64)
      if bits.flag() { _ = bits.golomb() }
      hasModel = bits.flag()
      if hasModel {
        delayBits = bits.number(5) + 1
        bits.skip(42)
      }
    }
    let hasDelay = bits.flag()
    for _ in 0...bits.number(5) {
      bits.skip(12)
      if bits.number(5) > 7 { bits.skip(1) }
      if hasModel, bits.flag() { bits.skip(2 * delayBits + 1) }
      if hasDelay, bits.flag() { bits.skip(4) }
    }
  }

  /// The largest size that the sequence parameter sets among HEVC's units have, each unit behind its length in 4 bytes.
  package init(hevc data: ArraySlice<UInt8>) {
    var rest = data
    while rest.count > 4 {
      let length = rest.prefix(4).reduce(0) { $0 << 8 | Int($1) }
      rest = rest.dropFirst(4)
      self = joined(with: CodedSize(unit: rest.prefix(length)))
      rest = rest.dropFirst(length)
    }
  }

  /// The same of a decoder's configuration (ISO/IEC 14496-15, section 8.3.3).
  package init(hevcConfiguration data: ArraySlice<UInt8>) {
    var bits = BitReader(data)
    bits.skip(22 * 8)
    for _ in 0..<bits.number(8) {
      bits.skip(8)
      for _ in 0..<bits.number(16) {
        if bits.isPastEnd { return }
        let length = bits.number(16)
        self = joined(with: CodedSize(unit: bits.rest.prefix(length)))
        bits.skip(8 * length)
      }
    }
  }

  /// ITU-T H.265, sections 7.3.1 and 7.3.2.2.
  private init(unit data: ArraySlice<UInt8>) {
    guard let head = data.first, head >> 1 & 0x3F == 33 else { return }
    // What the size needs stands among the first bytes; a 3 behind two zeros is none of them.
    var plain: [UInt8] = []
    for byte in data.dropFirst(2).prefix(512) where byte != 3 || !plain.suffix(2).elementsEqual([0, 0]) {
      plain.append(byte)
    }
    var bits = BitReader(plain[...])
    bits.skip(4)
    let layers = bits.number(3)
    bits.skip(1 + 96)
    let levels = (0..<layers).map { _ in (bits.flag() ? 88 : 0) + (bits.flag() ? 8 : 0) }
    if layers > 0 { bits.skip(2 * (8 - layers)) }
    bits.skip(levels.reduce(0, +))
    _ = bits.golomb()
    if bits.golomb() == 3 { bits.skip(1) }
    (width, height) = (bits.golomb(), bits.golomb())
    if bits.flag() { for _ in 0..<4 { _ = bits.golomb() } }
    isDeep = bits.golomb() > 0
    isDeep = bits.golomb() > 0 || isDeep
    if bits.isPastEnd { self = CodedSize() }
  }
}
