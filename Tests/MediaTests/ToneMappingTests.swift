import Foundation
import Media
import Testing

/// Levels by ITU-R BT.2408-7, table 1: reference white is 58 % of PQ and 75 % of HLG, a gray card 38 % of both.
@Suite struct ToneMappingTests {
  private let pq = 16
  private let hlg = 18
  private let sdr = 1
  private let bt2020 = 9

  private func gray(_ value: Double, _ mapping: ToneMapping) -> Int {
    let sample = UInt16(value * 65_535)
    let levels = mapping.apply(rgb48: [sample, sample, sample])
    #expect(abs(Int(levels[0]) - Int(levels[1])) <= 1 && abs(Int(levels[2]) - Int(levels[1])) <= 1)
    return Int(levels[1])
  }

  @Test func referenceLevelsAreWhereTheyBelong() throws {
    for transfer in [pq, hlg] {
      let mapping = try #require(ToneMapping(transfer: transfer, primaries: bt2020, curve: .bt1886))
      #expect(gray(0, mapping) == 0)
      #expect(gray(1, mapping) >= 253)
      // 203 cd/m², with room above it.
      let white = gray(transfer == pq ? 0.5807 : 0.75, mapping)
      #expect((246...252).contains(white), "\(white)")
      // 26 of 203 cd/m².
      #expect(abs(gray(0.38, mapping) - 108) <= 3, "\(gray(0.38, mapping))")
      let ramp = (0...1000).map { gray(Double($0) / 1000, mapping) }
      #expect(ramp == ramp.sorted())
    }
    let photograph = try #require(ToneMapping(transfer: pq, primaries: bt2020, curve: .sRGB))
    #expect(abs(gray(0.38, photograph) - 100) <= 3, "\(gray(0.38, photograph))")
  }

  @Test func coloursComeFromOtherPrimaries() throws {
    // BT.709's red and green, as BT.2020 has them (ITU-R BT.2087), by a gamma of 2.4.
    let mapping = try #require(ToneMapping(transfer: sdr, primaries: bt2020, curve: .bt1886))
    let samples = [0.6274, 0.0691, 0.0164, 0.3293, 0.9195, 0.0880].map { UInt16(pow($0, 1 / 2.4) * 65_535) }
    let levels = mapping.apply(rgb48: samples)
    for (level, expected) in zip(levels, [255, 0, 0, 0, 255, 0]) {
      #expect(abs(Int(level) - expected) <= (expected == 0 ? 12 : 1), "\(levels)")
    }
    // What has BT.709's light already keeps its levels.
    #expect(mapping.apply(rgb48: [0, 0, 0, 65_535, 65_535, 65_535]) == [0, 0, 0, 255, 255, 255])
    #expect(abs(gray(0.5, mapping) - 127) <= 1)
  }

  @Test func usualPicturesNeedNone() {
    for transfer in [sdr, 2, 6, 13, 14] {
      for primaries in [1, 2, 5, 6] {
        #expect(ToneMapping(transfer: transfer, primaries: primaries, curve: .sRGB) == nil)
      }
    }
    // High dynamic range of no known primaries is BT.2020's.
    #expect(ToneMapping(transfer: pq, primaries: 2, curve: .sRGB) != nil)
    for transfer in [-1, 0, .max] {
      #expect(ToneMapping(transfer: transfer, primaries: .min, curve: .sRGB) == nil)
    }
  }

  @Test func brightColoursKeepTheirHue() throws {
    let mapping = try #require(ToneMapping(transfer: pq, primaries: 1, curve: .bt1886))
    // Orange of 4000, 1000 and 0 cd/m²: not white, not yellow.
    let levels = mapping.apply(rgb48: [59_000, 49_200, 0])
    #expect(levels[0] > 250 && (120..<180).contains(levels[1]) && levels[2] == 0, "\(levels)")
  }
}
