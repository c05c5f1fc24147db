import Media
import TestSupport
import Testing

/// The sizes of VP8's and VP9's frames by their own headers: libvpx knows no limit.
@Suite struct CodedVideoSizeTests {
  private func vp8(_ bytes: [UInt8]) -> CodedSize { bytes.withUnsafeBytes { CodedSize(vp8: $0) } }

  private func vp9(_ bytes: [UInt8]) -> CodedSize { bytes.withUnsafeBytes { CodedSize(vp9: $0) } }

  /// A key frame's header, of profile 0 or 2 (more than 8 bits).
  private func keyFrame(_ width: Int, _ height: Int, isDeep: Bool = false) -> [UInt8] {
    var bits = isDeep ? "10" + "01" + "0" + "0" + "1" + "0" : "10" + "00" + "0" + "0" + "1" + "0"
    bits += "010010011000001101000010" + (isDeep ? "0" : "") + "001" + "0"
    for side in [width - 1, height - 1] {
      let text = String(side, radix: 2)
      bits += String(repeating: "0", count: 16 - text.count) + text
    }
    while bits.count % 8 != 0 { bits += "0" }
    let digits = Array(bits)
    return stride(from: 0, to: digits.count, by: 8).compactMap {
      UInt8(String(digits[$0..<$0 + 8]), radix: 2)
    }
  }

  @Test func keyFramesSayTheirSize() {
    #expect(vp8([0, 0, 0, 0x9d, 1, 0x2a, 0x40, 0x41, 0xf0, 0]) == CodedSize(width: 320, height: 240))
    #expect(vp8([1, 0, 0, 0x9d, 1, 0x2a, 0x40, 0x41, 0xf0, 0]) == CodedSize())
    #expect(vp9(keyFrame(640, 360)) == CodedSize(width: 640, height: 360))
    #expect(
      vp9(keyFrame(65_536, 65_536, isDeep: true)) == CodedSize(width: 65_536, height: 65_536, isDeep: true))
    let whole = keyFrame(640, 360)
    for cut in 0..<whole.count { #expect(vp9(Array(whole[..<cut])) == CodedSize()) }
    #expect(vp8([]) == CodedSize() && vp9([]) == CodedSize())
  }

  /// Hidden frames lie before the one that is shown, and an index behind them.
  @Test func theLargestOfASuperframeCounts() {
    let (small, large) = (keyFrame(64, 48), keyFrame(8000, 6000))
    let marker: UInt8 = 0b1100_0001
    let frames = small + large + [marker, UInt8(small.count), UInt8(large.count), marker]
    #expect(vp9(frames) == CodedSize(width: 8000, height: 6000))
    // An index that promises more than there is.
    #expect(vp9(small + [marker, 200, 200, marker]) == CodedSize(width: 64, height: 48))
  }

  /// 749 bytes that a fuzzer found, of which libvpx took 600 MB.
  @Test func aFrameThatIsTooLargeForTheDecoderIsPassedOver() throws {
    let video = try VideoFile(contentsOf: fixture("video-grows-libvpx-vp9.webm"))
    while try video.advance() != nil {}
    #expect(video.damagedFrames > 0)
  }
}
