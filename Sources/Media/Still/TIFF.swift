import CStills
import Glibc

/// Decodes a TIFF (6.0, BigTIFF) to RGB over white, by libtiff: the first page that is no thumbnail.
/// - Parameter options: of a large picture `coveringSide` is the least that both sides should have; orientation is not looked
///   at.
/// - Returns: nil for a camera's raw file, which begins as a TIFF does.
func decodeTIFF(_ file: borrowing RegularFile, path: String, options: DecodeOptions) throws(MediaError)
  -> StoredStill?
{
  let reader = try TIFFReader(file, StillLibraries.tiff.loaded(path: path), path: path, options: options)
  if reader.isCameraRaw { return nil }
  return try reader.read(options)
}

/// The only owner of an open file of libtiff.
struct TIFFReader: ~Copyable {
  let library: narrate_tiff
  let handle: OpaquePointer
  let path: String
  /// In pixels, as stored.
  let width: Int
  let height: Int
  private let message: UnsafeMutablePointer<narrate_tiff_message>

  fileprivate init(
    _ file: borrowing RegularFile, _ library: narrate_tiff, path: String, options: DecodeOptions
  ) throws(MediaError) {
    // libtiff closes its own.
    let descriptor = try file.duplicate()
    let message = UnsafeMutablePointer<narrate_tiff_message>.allocate(capacity: 1)
    message.initialize(to: narrate_tiff_message())
    let opened = withUnsafePointer(to: library) {
      narrate_tiff_open($0, descriptor, Int64(clamping: options.byteLimit), message)
    }
    guard let opened else {
      let reason = tiffReason(message)
      message.deallocate()
      close(descriptor)
      throw .undecodable(path: path, reason: reason)
    }
    (self.library, self.path, self.message, handle) = (library, path, message, opened)
    // Pages of a reduced size stand before the picture in some files.
    var pages = 0
    while pages < 16, tiffNumber(library, handle, TIFFTAG_SUBFILETYPE) & FILETYPE_REDUCEDIMAGE != 0,
      library.TIFFReadDirectory(handle) == 1
    {
      pages += 1
    }
    if tiffNumber(library, handle, TIFFTAG_SUBFILETYPE) & FILETYPE_REDUCEDIMAGE != 0 {
      _ = library.TIFFSetDirectory(handle, 0)
    }
    width = Int(tiffNumber(library, handle, TIFFTAG_IMAGEWIDTH))
    height = Int(tiffNumber(library, handle, TIFFTAG_IMAGELENGTH))
  }

  deinit {
    library.TIFFClose(handle)
    message.deallocate()
  }

  /// Whether it is a DNG, or a thumbnail with other pictures hung below it, as NEF, ARW and others are made.
  fileprivate var isCameraRaw: Bool {
    if has(50706) { return true }  // DNGVersion
    guard library.TIFFSetDirectory(handle, 0) == 1 else { return false }
    return number(TIFFTAG_SUBFILETYPE) & FILETYPE_REDUCEDIMAGE != 0 && has(UInt32(TIFFTAG_SUBIFD)) && has(271)
  }

  func number(_ tag: Int32) -> Int32 { tiffNumber(library, handle, tag) }

  /// A field of 16 bits, or what the standard says where it is absent.
  func short(_ tag: Int32, or other: UInt16) -> Int {
    var value = other
    let found = withUnsafePointer(to: library) { narrate_tiff_short($0, handle, UInt32(tag), &value) }
    return Int(found ? value : other)
  }

  private func has(_ tag: UInt32) -> Bool {
    withUnsafePointer(to: library) { narrate_tiff_has($0, handle, tag) }
  }

  /// What libtiff says went wrong first.
  var reason: String { tiffReason(message) }

  fileprivate func read(_ options: DecodeOptions) throws(MediaError) -> StoredStill {
    guard width > 0, height > 0 else { throw .undecodable(path: path, reason: reason) }
    try options.check(width, height, path: path)
    let factor = options.shrinking(width, height)
    if factor == 1 { try options.check(width, height, bytesPerPixel: 4, path: path) }
    var text = [CChar](repeating: 0, count: 1024)
    // libtiff takes Lab for a screen's of another white.
    let isLab = [PHOTOMETRIC_CIELAB, PHOTOMETRIC_ICCLAB].contains(Int32(short(TIFFTAG_PHOTOMETRIC, or: 1)))
    let isUsual = !isLab && library.TIFFRGBAImageOK(handle, &text) == 1
    var still = isUsual ? try rows(factor, options) : try samples(factor, options)
    still.orientation =
      Orientation(rawValue: UInt16(short(TIFFTAG_ORIENTATION, or: 1))) ?? .up
    still.profile = isLab ? nil : profile
    return still
  }

  /// Of what libtiff turns into RGB itself, some rows at a time.
  private func rows(_ factor: Int, _ options: DecodeOptions) throws(MediaError) -> StoredStill {
    let (band, piece) = bands
    let (needed, overflows) = (width * band * 4).addingReportingOverflow(piece)
    try options.check(bytes: overflows ? .max : needed, width, height, path: path)
    try requireMemory(needed, path: path)
    var shrinker = BoxShrinker(width: width, height: height, factor: factor)
    var (done, hasAlpha) = (0, false)
    var line = [UInt32](repeating: 0, count: width * band)
    while done < height {
      let count = min(band, height - done)
      let isRead = line.withUnsafeMutableBufferPointer { line in
        withUnsafePointer(to: library) {
          narrate_tiff_rows(
            $0, handle, UInt32(done), UInt32(width), UInt32(count), line.baseAddress!,  // at least a pixel
            &hasAlpha)
        }
      }
      guard isRead else { break }
      line.withUnsafeMutableBytes { bytes in
        for row in 0..<count {
          let pixels = UnsafeMutableBufferPointer(
            rebasing: bytes.assumingMemoryBound(to: UInt8.self)[row * width * 4..<(row + 1) * width * 4])
          // A fourth sample that nobody says is alpha is none.
          if !hasAlpha { for place in stride(from: 3, to: pixels.count, by: 4) { pixels[place] = 255 } }
          addWhite(pixels)
          shrinker.add(UnsafeBufferPointer(rebasing: pixels[..<(width * 3)]))
        }
      }
      done += count
    }
    let seen = done < height ? Double(done) / Double(height) : nil
    try options.accept(seen, path: path, reason: reason)
    return StoredStill(image: shrinker.image(), width: width, height: height, seen: seen)
  }

  /// Rows that are decoded together, whole strips or tiles of some four megapixels; and the bytes of one of these, decoded. A
  /// strip is decoded from its beginning for each band in it: a long one has eight.
  private var bands: (height: Int, piece: Int) {
    let tiled = library.TIFFIsTiled(handle) != 0
    let unit = max(1, Int(clamping: number(tiled ? TIFFTAG_TILELENGTH : TIFFTAG_ROWSPERSTRIP)))
    let piece = Int(clamping: tiled ? library.TIFFTileSize64(handle) : library.TIFFStripSize64(handle))
    let wanted = max(1, 4_000_000 / width)
    if unit <= wanted { return (min(height, wanted / unit * unit), piece) }
    return (min(height, tiled ? unit : max(wanted, (height + 7) / 8)), piece)
  }

  private var profile: ColorProfile? {
    var (bytes, count) = (UnsafePointer<UInt8>?.none, 0 as UInt32)
    let found = withUnsafePointer(to: library) {
      narrate_tiff_bytes($0, handle, UInt32(TIFFTAG_ICCPROFILE), &bytes, &count)
    }
    guard found, let bytes else { return nil }
    return ColorProfile(icc: UnsafeBufferPointer(start: bytes, count: Int(count)))
  }
}

private func tiffNumber(_ library: narrate_tiff, _ handle: OpaquePointer, _ tag: Int32) -> Int32 {
  var value = 0 as UInt32
  let found = withUnsafePointer(to: library) { narrate_tiff_long($0, handle, UInt32(tag), &value) }
  return found ? Int32(truncatingIfNeeded: min(value, UInt32(Int32.max))) : 0
}

private func tiffReason(_ message: UnsafePointer<narrate_tiff_message>) -> String {
  let text = withUnsafeBytes(of: message.pointee.text) {
    String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
  }
  // Where the name would stand.
  let reason = text.hasPrefix(": ") ? String(text.dropFirst(2)) : text
  return reason.isEmpty ? "damaged data" : reason
}
