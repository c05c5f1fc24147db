/// The sizes that frames of VP8 and VP9 have by their own headers. FFmpeg's decoders are told a limit; libvpx, which alone decodes
/// alpha, takes the memory that a frame asks for.
extension CodedSize {
  /// A packet's frame (RFC 6386, section 9.1); none where it has the size of those before it.
  package init(vp8 data: UnsafeRawBufferPointer) {
    self.init()
    guard data.count >= 10, data[0] & 1 == 0, data[3] == 0x9d, data[4] == 0x01, data[5] == 0x2a else {
      return
    }
    (width, height) = (
      (Int(data[6]) | Int(data[7]) << 8) & 0x3fff, (Int(data[8]) | Int(data[9]) << 8) & 0x3fff
    )
  }

  /// The largest of a packet's frames (VP9 Bitstream & Decoding Process, section 6.2 and annex B); of those that take their size
  /// from others, none.
  package init(vp9 data: UnsafeRawBufferPointer) {
    self.init()
    for frame in Self.frames(data) {
      // What the size needs stands among the first bytes.
      self = joined(with: CodedSize(vp9Frame: ArraySlice(UnsafeRawBufferPointer(rebasing: frame).prefix(64))))
    }
  }

  /// Of a superframe each, else the whole.
  private static func frames(_ data: UnsafeRawBufferPointer) -> [Slice<UnsafeRawBufferPointer>] {
    guard let marker = data.last, marker & 0xe0 == 0xc0 else { return [data[...]] }
    let (count, length) = (Int(marker & 7) + 1, Int(marker >> 3 & 3) + 1)
    let index = 2 + count * length
    guard data.count >= index, data[data.count - index] == marker else { return [data[...]] }
    // Whatever a decoder makes of an index that lies: the whole, too.
    var (frames, place) = ([data[...]], 0)
    for number in 0..<count {
      let start = data.count - index + 1 + number * length
      let size = (0..<length).reduce(0) { $0 | Int(data[start + $1]) << (8 * $1) }
      guard size <= data.count - place else { break }
      frames.append(data[place..<place + size])
      place += size
    }
    return frames
  }

  private init(vp9Frame data: ArraySlice<UInt8>) {
    self.init()
    var bits = BitReader(data)
    guard bits.number(2) == 2 else { return }
    let profile = bits.number(1) | bits.number(1) << 1
    if profile == 3 { bits.skip(1) }
    if bits.flag() { return }
    let (isInter, isShown, isResilient) = (bits.flag(), bits.flag(), bits.flag())
    if isInter {
      let isIntra = isShown ? false : bits.flag()
      if !isResilient { bits.skip(2) }
      if isIntra {
        bits.skip(24)
        if profile > 0 { skipColor(&bits, profile) }
        bits.skip(8)
      } else {
        bits.skip(8 + 3 * 4)
        for _ in 0..<3 where bits.flag() { return }
      }
    } else {
      bits.skip(24)
      skipColor(&bits, profile)
    }
    (width, height) = (bits.number(16) + 1, bits.number(16) + 1)
    if bits.isPastEnd { self = CodedSize() }
  }

  private mutating func skipColor(_ bits: inout BitReader, _ profile: Int) {
    if profile >= 2 {
      isDeep = true
      bits.skip(1)
    }
    if bits.number(3) == 7 {
      if profile & 1 == 1 { bits.skip(1) }
    } else {
      bits.skip(1)
      if profile & 1 == 1 { bits.skip(3) }
    }
  }
}
