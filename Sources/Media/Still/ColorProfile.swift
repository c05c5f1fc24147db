import CStills

/// What a picture's colors are where they are not sRGB.
enum ColorProfile: Equatable {
  /// An ICC profile (ICC.1:2022) of RGB or gray.
  case icc([UInt8], isGray: Bool)
  /// Primaries and transfer by their codes (ITU-T H.273), where these are of a wide gamut or a high dynamic range.
  case coded(primaries: UInt16, transfer: UInt16)

  /// Larger ones are left alone: a display's profile has some kilobytes, a printer's no use here.
  static let byteLimit = 4 << 20

  /// - Returns: nil for sRGB, and for what is none of RGB or gray, which then counts as sRGB.
  init?(icc bytes: some Collection<UInt8>) {
    guard bytes.count <= Self.byteLimit, let profile = ICCProfile(Array(bytes)) else { return nil }
    switch profile.colorSpace {
    case "GRAY": self = .icc(profile.bytes, isGray: true)
    case "RGB " where !profile.isSRGB: self = .icc(profile.bytes, isGray: false)
    default: return nil
    }
  }

  /// - Returns: nil for sRGB and what is shown alike: BT.709, BT.601, unspecified; and for what nobody knows.
  init?(primaries: UInt16, transfer: UInt16) {
    guard ToneMapping(transfer: Int(transfer), primaries: Int(primaries), curve: .sRGB) != nil else {
      return nil
    }
    self = .coded(primaries: primaries, transfer: transfer)
  }

  /// The same picture in sRGB: by Little CMS, perceptually, where it has a profile; the picture itself where that makes no
  /// sense.
  /// - Throws: `MediaError.unsupported` where that library is missing.
  func converted(_ image: Image, path: String) throws(MediaError) -> Image {
    switch self {
    case .icc(let bytes, let isGray):
      return try ColorTransform(bytes, isGray: isGray, path: path)?.applied(to: image) ?? image
    case .coded(let primaries, let transfer):
      let mapping = ToneMapping(transfer: Int(transfer), primaries: Int(primaries), curve: .sRGB)
      return mapping.map { image.mapped(by: $0) } ?? image
    }
  }
}

extension Image {
  /// As `ToneMapping` has it, of 8 bits.
  fileprivate func mapped(by mapping: ToneMapping) -> Image {
    var pixels = pixels
    let length = width * 3
    for row in 0..<height {
      let deep = pixels[row * length..<(row + 1) * length].map { UInt16($0) * 257 }
      pixels.replaceSubrange(row * length..<(row + 1) * length, with: mapping.apply(rgb48: deep))
    }
    return Image(width: width, height: height, pixels: pixels)
  }
}

/// The only owner of a transform of Little CMS to sRGB.
private struct ColorTransform: ~Copyable {
  // As `lcms2.h` composes them from macros: 8 bits, with three channels of RGB and one of gray.
  private static let rgb: cmsUInt32Number = 4 << 16 | 3 << 3 | 1
  private static let gray: cmsUInt32Number = 3 << 16 | 1 << 3 | 1

  private let library: narrate_lcms
  private let context: cmsContext
  private let transform: cmsHTRANSFORM
  private let isGray: Bool

  init?(_ bytes: [UInt8], isGray: Bool, path: String) throws(MediaError) {
    let library = try StillLibraries.littleCMS.loaded(path: path)
    guard let context = library.cmsCreateContext(nil, nil) else { return nil }
    let source = Self.open(bytes, isGray: isGray, library, context)
    let target = library.cmsCreate_sRGBProfileTHR(context)
    defer {
      if let source { _ = library.cmsCloseProfile(source) }
      if let target { _ = library.cmsCloseProfile(target) }
    }
    guard let source, let target,
      let transform = library.cmsCreateTransformTHR(
        context, source, isGray ? Self.gray : Self.rgb, target, Self.rgb, cmsUInt32Number(INTENT_PERCEPTUAL),
        0)
    else {
      library.cmsDeleteContext(context)
      return nil
    }
    (self.library, self.context, self.transform, self.isGray) = (library, context, transform, isGray)
  }

  deinit {
    library.cmsDeleteTransform(transform)
    library.cmsDeleteContext(context)
  }

  func applied(to image: Image) -> Image {
    var pixels = image.pixels
    pixels.withUnsafeMutableBufferPointer { buffer in
      guard let base = buffer.baseAddress else { return }
      if isGray {
        let levels = (0...255).map(UInt8.init)
        var table = [UInt8](repeating: 0, count: 768)
        library.cmsDoTransform(transform, levels, &table, 256)
        for index in buffer.indices { buffer[index] = table[Int(buffer[index]) * 3 + index % 3] }
      } else {
        // In place: source and target have the same layout.
        for row in 0..<image.height {
          let start = base + row * image.width * 3
          library.cmsDoTransform(transform, start, start, cmsUInt32Number(image.width))
        }
      }
    }
    return Image(width: image.width, height: image.height, pixels: pixels)
  }

  private static func open(
    _ bytes: [UInt8], isGray: Bool, _ library: narrate_lcms, _ context: cmsContext
  ) -> cmsHPROFILE? {
    guard let opened = library.cmsOpenProfileFromMemTHR(context, bytes, cmsUInt32Number(bytes.count)) else {
      return nil
    }
    if library.cmsGetColorSpace(opened) == (isGray ? cmsSigGrayData : cmsSigRgbData) { return opened }
    _ = library.cmsCloseProfile(opened)
    return nil
  }
}
