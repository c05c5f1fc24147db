import Glibc

/// From high dynamic range or wide gamut to what a usual screen shows: BT.709's primaries, and light above reference white
/// pressed together.
///
/// Light is display light in units of reference white, 203 cd/m² (ITU-R BT.2408): up to 0.9 it stays as it is, above it nears 1.
/// PQ is SMPTE ST 2084; HLG is taken for a screen of 1000 cd/m² (ITU-R BT.2100).
package struct ToneMapping: Sendable {
  /// How the levels of the result stand for light.
  package enum Curve: Sendable {
    /// Of videos: ITU-R BT.1886.
    case bt1886
    /// Of photographs: IEC 61966-2-1.
    case sRGB
  }

  /// Levels that light is looked up for: the upper 12 bits of a sample.
  private static let levels = 4096
  /// Where the shoulder begins.
  private static let knee = Float(0.9)
  private static let referenceWhite = Float(203)

  /// Of each level.
  private let light: [Float]
  /// HLG: what a colour's light is multiplied by on a screen, by its luminance in the scene; else empty.
  private let gain: [Float]
  private let hasShoulder: Bool
  /// Rows of the matrix to BT.709's primaries.
  private let primaries: (red: SIMD3<Float>, green: SIMD3<Float>, blue: SIMD3<Float>)
  /// The level of each of 65,536 steps of light.
  private let level: [UInt8]

  /// - Parameters:
  ///   - transfer: the transfer characteristics, by the code points of ITU-T H.273: 16 is PQ, 18 HLG
  ///   - primaries: the colour primaries, likewise: 9 is BT.2020, 11 and 12 are P3
  ///   - curve: of the result, and of what is neither PQ nor HLG
  /// - Returns: nil where nothing is to be done: what is neither of high dynamic range nor of wide gamut
  package init?(transfer: Int, primaries: Int, curve: Curve) {
    let (isPQ, isHLG) = (transfer == 16, transfer == 18)
    hasShoulder = isPQ || isHLG
    switch primaries {
    case 9,
      2 where isPQ || isHLG:
      self.primaries = (
        [1.660491, -0.587641, -0.072850], [-0.124550, 1.132900, -0.008349], [-0.018151, -0.100579, 1.118730]
      )
    case 11, 12:
      self.primaries = (
        [1.224940, -0.224940, 0], [-0.042057, 1.042057, 0], [-0.019638, -0.078636, 1.098274]
      )
    default:
      guard isPQ || isHLG else { return nil }
      self.primaries = ([1, 0, 0], [0, 1, 0], [0, 0, 1])
    }
    let values = (0..<Self.levels).map { Float($0) / Float(Self.levels - 1) }
    light = values.map { value in
      if isPQ { return Self.lightOfPQ(value) / Self.referenceWhite }
      if isHLG { return Self.sceneLightOfHLG(value) }
      return curve == .sRGB ? Self.lightOfSRGB(value) : powf(value, 2.4)
    }
    gain = isHLG ? values.map { 1000 / Self.referenceWhite * powf($0, 0.2) } : []
    level = (0..<65_536).map { step in
      let value = Float(step) / 65_535
      // Between 0 and 1.
      return UInt8((curve == .sRGB ? Self.sRGB(value) : powf(value, 1 / 2.4)) * 255 + 0.5)
    }
  }

  /// - Parameter rgb48: interleaved RGB, each of the whole range of 16 bits
  /// - Returns: as many levels, 8-bit
  package func apply(rgb48: [UInt16]) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: rgb48.count) { target, count in
      rgb48.withUnsafeBufferPointer { apply($0, into: target) }
      count = rgb48.count
    }
  }

  /// The same, for a row in a larger buffer.
  /// - Precondition: both are of the same length, a multiple of 3.
  func apply(_ rgb48: UnsafeBufferPointer<UInt16>, into target: UnsafeMutableBufferPointer<UInt8>) {
    precondition(rgb48.count.isMultiple(of: 3) && target.count >= rgb48.count)
    light.withUnsafeBufferPointer { light in
      level.withUnsafeBufferPointer { level in
        for pixel in stride(from: 0, to: rgb48.count, by: 3) {
          let stored = SIMD3(
            light[Int(rgb48[pixel] >> 4)], light[Int(rgb48[pixel + 1] >> 4)],
            light[Int(rgb48[pixel + 2] >> 4)])
          // Within the table: 0 to 1.
          let steps = SIMD3<UInt32>(shown(stored) * 65_535 + 0.5)
          for channel in 0..<3 { target[pixel + channel] = level[Int(steps[channel])] }
        }
      }
    }
  }

  /// Light as a usual screen shows it, 0 to 1.
  @inline(__always)
  private func shown(_ stored: SIMD3<Float>) -> SIMD3<Float> {
    var color = stored
    if !gain.isEmpty {
      let luminance = (color * SIMD3(0.2627, 0.6780, 0.0593)).sum()
      color *= gain[Int(luminance * Float(Self.levels - 1))]
    }
    color = SIMD3(
      (primaries.red * color).sum(), (primaries.green * color).sum(), (primaries.blue * color).sum())
    color.clamp(lowerBound: .zero, upperBound: SIMD3(repeating: .greatestFiniteMagnitude))
    let brightest = color.max()
    if hasShoulder, brightest > Self.knee {
      // The hue stays: all channels by the same.
      let over = (brightest - Self.knee) / (1 - Self.knee)
      color *= (Self.knee + (1 - Self.knee) * over / (1 + over)) / brightest
    }
    return color.clamped(lowerBound: .zero, upperBound: SIMD3(repeating: 1))
  }

  /// SMPTE ST 2084, cd/m².
  private static func lightOfPQ(_ value: Float) -> Float {
    let (m1, m2) = (Float(2610.0 / 16384), Float(2523.0 / 32))
    let (c1, c2, c3) = (Float(3424.0 / 4096), Float(2413.0 / 128), Float(2392.0 / 128))
    let root = powf(value, 1 / m2)
    return 10_000 * powf(max(root - c1, 0) / (c2 - c3 * root), 1 / m1)
  }

  /// The inverse of ITU-R BT.2100's HLG OETF, 0 to 1.
  private static func sceneLightOfHLG(_ value: Float) -> Float {
    let (a, b, c) = (Float(0.178_832_77), Float(0.284_668_92), Float(0.559_910_73))
    return min(1, value <= 0.5 ? value * value / 3 : (expf((value - c) / a) + b) / 12)
  }

  private static func lightOfSRGB(_ value: Float) -> Float {
    value <= 0.04045 ? value / 12.92 : powf((value + 0.055) / 1.055, 2.4)
  }

  private static func sRGB(_ light: Float) -> Float {
    light <= 0.0031308 ? light * 12.92 : 1.055 * powf(light, 1 / 2.4) - 0.055
  }
}
