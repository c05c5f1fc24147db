import Compute
import Testing

@Suite struct HalfTests {
  @Test func everyHalfSurvivesTheRoundTrip() {
    let halves = (0...UInt16.max).map { $0 }
    var floats = [Float](repeating: 0, count: halves.count)
    halfToFloat(halves, &floats, halves.count)
    for (half, float) in zip(halves, floats) {
      let expected = Float(Float16(bitPattern: half))
      #expect(expected.isNaN ? float.isNaN : float.bitPattern == expected.bitPattern, "\(half)")
    }
    var back = [UInt16](repeating: 0, count: halves.count)
    floatToHalf(floats, &back, floats.count)
    for (half, again) in zip(halves, back) where !Float16(bitPattern: half).isNaN { #expect(half == again) }
  }

  @Test func floatsAreRoundedToNearestEven() {
    var bits: [UInt32] = [
      0, 0x8000_0000, 0x7f80_0000, 0xff80_0000, 0x477f_efff, 0x477f_f000, 0x3300_0000, 0x3300_0001,
    ]
    var x: UInt32 = 1
    for _ in 0..<200_000 {
      x = x &* 1_664_525 &+ 1_013_904_223
      bits.append(x)
    }
    let floats = bits.map(Float.init(bitPattern:))
    var halves = [UInt16](repeating: 0, count: floats.count)
    floatToHalf(floats, &halves, floats.count)
    for (float, half) in zip(floats, halves) where !float.isNaN {
      #expect(half == Float16(float).bitPattern, "\(float)")
    }
    for (float, half) in zip(floats, halves) where float.isNaN { #expect(Float16(bitPattern: half).isNaN) }
  }
}
