import CStills
import Glibc

extension TIFFReader {
  /// Of what libtiff does not turn into RGB itself: 12, 24 and 32 bits, and floating point, gray and RGB. Where these are
  /// numbers, the largest is white; where they are floating point, 1 is, or the largest above it.
  func samples(_ factor: Int, _ options: DecodeOptions) throws(MediaError) -> StoredStill {
    let layout = try TIFFLayout(self)
    let tiled = library.TIFFIsTiled(handle) != 0
    let (wide, high) =
      tiled
      ? (Int(number(TIFFTAG_TILEWIDTH)), Int(number(TIFFTAG_TILELENGTH)))
      : (width, min(height, max(1, Int(number(TIFFTAG_ROWSPERSTRIP)))))
    guard wide > 0, high > 0 else { throw .undecodable(path: path, reason: reason) }
    let size = Int(clamping: tiled ? library.TIFFTileSize64(handle) : library.TIFFStripSize64(handle))
    // All of it, since what is white is known only then; and one piece.
    let (needed, overflows) = (width * height * layout.colors * 4).addingReportingOverflow(size)
    try options.check(bytes: overflows ? .max : needed, width, height, path: path)
    guard size > 0, size >= (wide * high * layout.bitsPerPixel + 7) / 8 else {
      throw .undecodable(path: path, reason: "strips shorter than their rows")
    }
    try requireMemory(needed, path: path)
    var values = [Float](repeating: 0, count: width * height * layout.colors)
    var piece = [UInt8](repeating: 0, count: size)
    let (across, down) = ((width + wide - 1) / wide, (height + high - 1) / high)
    for plane in 0..<layout.planes {
      for index in 0..<across * down {
        let number = UInt32(plane * across * down + index)
        let read =
          tiled
          ? library.TIFFReadEncodedTile(handle, number, &piece, Int64(size))
          : library.TIFFReadEncodedStrip(handle, number, &piece, Int64(size))
        guard read >= 0 else { throw .undecodable(path: path, reason: reason) }
        let (left, top) = (index % across * wide, index / across * high)
        layout.place(
          piece, rowLength: wide, into: &values, width, left: left, top: top,
          columns: min(wide, width - left), rows: min(high, height - top), plane: plane)
      }
    }
    var shrinker = BoxShrinker(width: width, height: height, factor: factor)
    let row = layout.levels(values, width: width)
    for y in 0..<height { row(y).withUnsafeBufferPointer { shrinker.add($0) } }
    return StoredStill(image: shrinker.image(), width: width, height: height)
  }
}

/// How a TIFF's samples lie (TIFF 6.0, sections 3 to 6 and 19).
private struct TIFFLayout {
  private let bits: Int
  private let isFloat: Bool
  private let isSigned: Bool
  private let samples: Int
  private let isWhiteZero: Bool
  /// CIE L*a*b* of D50, whose a and b are signed or, as in ICC profiles, around the middle.
  private let isLab: Bool
  private let isLabSigned: Bool
  /// Samples that are colors: 1 of gray, 3 of RGB.
  let colors: Int
  /// Planes that are read: more than one where each color lies by itself.
  let planes: Int
  /// Of one plane.
  var bitsPerPixel: Int { isSeparate ? bits : bits * samples }
  /// Whether each sample lies in a plane of its own.
  private let isSeparate: Bool

  init(_ reader: borrowing TIFFReader) throws(MediaError) {
    bits = reader.short(TIFFTAG_BITSPERSAMPLE, or: 1)
    let format = reader.short(TIFFTAG_SAMPLEFORMAT, or: 1)
    (isFloat, isSigned) = (format == Int(SAMPLEFORMAT_IEEEFP), format == Int(SAMPLEFORMAT_INT))
    samples = reader.short(TIFFTAG_SAMPLESPERPIXEL, or: 1)
    let meaning = reader.short(TIFFTAG_PHOTOMETRIC, or: UInt16(PHOTOMETRIC_MINISBLACK))
    isWhiteZero = meaning == Int(PHOTOMETRIC_MINISWHITE)
    isLabSigned = meaning == Int(PHOTOMETRIC_CIELAB)
    isLab = isLabSigned || meaning == Int(PHOTOMETRIC_ICCLAB)
    colors = meaning == Int(PHOTOMETRIC_RGB) || isLab ? 3 : 1
    let isKnown =
      isLab && [8, 16].contains(bits) && !isFloat && !isSigned
      || [PHOTOMETRIC_RGB, PHOTOMETRIC_MINISBLACK, PHOTOMETRIC_MINISWHITE].contains {
        Int($0) == meaning
      }
    let fits =
      isFloat ? [16, 32, 64].contains(bits) : (1...32).contains(bits) && !(isSigned && bits % 8 != 0)
    guard isKnown, fits, samples >= colors, samples <= 64 else {
      throw .unsupported(
        path: reader.path,
        reason:
          "a TIFF of \(samples) samples of \(bits) bits\(isFloat ? " in floating point" : ""), photometric \(meaning)"
      )
    }
    isSeparate = samples > 1 && reader.short(TIFFTAG_PLANARCONFIG, or: 1) == Int(PLANARCONFIG_SEPARATE)
    planes = isSeparate ? colors : 1
  }

  /// Puts the samples of a strip or a tile where they belong.
  /// - Parameter values: `colors` for each pixel, row by row
  func place(
    _ piece: [UInt8], rowLength: Int, into values: inout [Float], _ width: Int, left: Int, top: Int,
    columns: Int, rows: Int, plane: Int
  ) {
    // Rows begin at a byte.
    let rowBytes = (rowLength * bitsPerPixel + 7) / 8
    let perPixel = isSeparate ? 1 : samples
    for y in 0..<rows {
      for x in 0..<columns {
        for color in 0..<(isSeparate ? 1 : colors) {
          let place = (y * rowBytes) * 8 + (x * perPixel + color) * bits
          let target = ((top + y) * width + left + x) * colors + (isSeparate ? plane : color)
          values[target] = place + bits <= piece.count * 8 ? value(piece, at: place) : 0
        }
      }
    }
  }

  /// A sample, whose first bit is known; whole bytes are in the machine's order.
  private func value(_ piece: [UInt8], at bit: Int) -> Float {
    if bits % 8 == 0 {
      let number = (0..<bits / 8).reduce(UInt64(0)) { $0 | UInt64(piece[bit / 8 + $1]) << UInt64(8 * $1) }
      switch (isFloat, bits) {
      case (true, 16): return Float(Float16(bitPattern: UInt16(truncatingIfNeeded: number)))
      case (true, 32): return Float(bitPattern: UInt32(truncatingIfNeeded: number))
      case (true, _): return Float(Double(bitPattern: number))
      case (false, _) where isSigned:
        let shifted = Int64(bitPattern: number << UInt64(64 - bits)) >> Int64(64 - bits)
        return Float(shifted) + Float(UInt64(1) << UInt64(bits - 1))
      default: return Float(number)
      }
    }
    var number: UInt64 = 0
    for place in bit..<bit + bits {
      number = number << 1 | UInt64(piece[place / 8] >> UInt8(7 - place % 8) & 1)
    }
    return Float(number)
  }

  /// Rows of RGB of all samples.
  func levels(_ values: [Float], width: Int) -> (Int) -> [UInt8] {
    var white = Float(UInt64(1) << UInt64(isFloat ? 0 : bits)) - (isFloat ? 0 : 1)
    if isFloat { white = max(1, values.lazy.filter(\.isFinite).max() ?? 1) }
    if isLab {
      return { y in
        stride(from: y * width * 3, to: (y + 1) * width * 3, by: 3).flatMap { place in
          lab(values[place], values[place + 1], values[place + 2], white)
        }
      }
    }
    return { y in
      var row: [UInt8] = []
      row.reserveCapacity(width * 3)
      for value in values[y * width * colors..<(y + 1) * width * colors] {
        // Not a number is black.
        let level = value.isNaN ? 0 : min(max(value / white, 0), 1)
        let byte = UInt8(((isWhiteZero ? 1 - level : level) * 255).rounded())
        for _ in 0..<(colors == 1 ? 3 : 1) { row.append(byte) }
      }
      return row
    }
  }

  /// One pixel in sRGB (CIE 15:2004, section 8.2.1; from D50 to D65 after Bradford, as in IEC 61966-2-1's own profile).
  private func lab(_ first: Float, _ second: Float, _ third: Float, _ white: Float) -> [UInt8] {
    let unit = white > 255 ? Float(256) : 1
    func signed(_ value: Float) -> Float {
      let middle = (white + 1) / 2
      return (isLabSigned ? (value >= middle ? value - white - 1 : value) : value - middle) / unit
    }
    let height = (first / white * 100 + 16) / 116
    func light(_ value: Float) -> Float {
      value > 6 / 29 ? value * value * value : (value - 4 / 29) * 3 * (6 / 29) * (6 / 29)
    }
    let (x, y, z) = (
      0.9642 * light(height + signed(second) / 500), light(height),
      0.8249 * light(height - signed(third) / 200)
    )
    let linear = [
      3.1338561 * x - 1.6168667 * y - 0.4906146 * z, -0.9787684 * x + 1.9161415 * y + 0.0334540 * z,
      0.0719453 * x - 0.2289914 * y + 1.4052427 * z,
    ]
    return linear.map { value in
      let held = min(max(value, 0), 1)
      let level = held <= 0.0031308 ? held * 12.92 : 1.055 * powf(held, 1 / 2.4) - 0.055
      return UInt8((level * 255).rounded())
    }
  }
}
