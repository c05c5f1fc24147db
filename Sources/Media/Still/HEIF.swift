import CStills

/// Decodes the primary picture of a HEIC, an AVIF or another file of ISO/IEC 23008-12 to RGB over white; turned, mirrored and cut
/// as the file says.
/// - Parameter options: where the picture is too large for the memory allowed, a thumbnail of at least `coveringSide` stands in
///   for it.
/// - Returns: nil where the file has no picture that stands for it: a sequence.
func decodeHEIF(_ bytes: [UInt8], path: String, options: DecodeOptions) throws(MediaError) -> StoredStill? {
  let library = try StillLibraries.heif.loaded(path: path)
  let items = HEIFItems(bytes[...])
  return try bytes.withUnsafeBufferPointer { (bytes) throws(MediaError) -> StoredStill? in
    guard let file = try HEIFFile(bytes, items, library, path: path) else { return nil }
    return try file.read(options)
  }
}

/// The only owner of a context of libheif and of its primary picture. The bytes must stay in place as long as it lives.
private struct HEIFFile: ~Copyable {
  private let library: narrate_heif
  private let context: OpaquePointer
  private let picture: OpaquePointer
  /// Its number.
  private let item: heif_item_id
  private let items: HEIFItems
  private let path: String

  init?(_ bytes: UnsafeBufferPointer<UInt8>, _ items: HEIFItems, _ library: narrate_heif, path: String)
    throws(MediaError)
  {
    guard let context = library.heif_context_alloc() else {
      throw .tooLarge(path: path, reason: "no memory for the decoder")
    }
    library.heif_context_set_maximum_image_size_limit(context, Int32(DecodeOptions.sideLimit))
    var (picture, item) = (OpaquePointer?.none, heif_item_id())
    var error = library.heif_context_read_from_memory_without_copy(
      context, bytes.baseAddress, bytes.count, nil)
    if error.code == heif_error_Ok {
      error = library.heif_context_get_primary_image_handle(context, &picture)
    }
    if error.code == heif_error_Ok { error = library.heif_context_get_primary_image_ID(context, &item) }
    guard error.code == heif_error_Ok, let picture else {
      let failure = heifFailure(error, path: path)
      let isSequence =
        bytes.count >= 12
        && ["avis", "msf1", "hevc", "hevx"].contains(String(decoding: bytes[8..<12], as: UTF8.self))
      if let picture { library.heif_image_handle_release(picture) }
      library.heif_context_free(context)
      if isSequence { return nil }
      throw failure
    }
    (self.library, self.context, self.path) = (library, context, path)
    (self.picture, self.item, self.items) = (picture, item, items)
  }

  deinit {
    library.heif_image_handle_release(picture)
    library.heif_context_free(context)
  }

  func read(_ options: DecodeOptions) throws(MediaError) -> StoredStill {
    let (width, height) = size(picture)
    try options.check(width, height, path: path)
    // Planes of the file's, mostly with a quarter of the chroma, and rows of RGB; deeper than 8 bits, two bytes a sample.
    let isDeep = library.heif_image_handle_get_luma_bits_per_pixel(picture) > 8
    let hasAlpha = library.heif_image_handle_has_alpha_channel(picture) != 0
    let bytesPerPixel = (isDeep ? 2 : 1) * (hasAlpha ? 8 : 5)
    if width * height * bytesPerPixel > options.byteLimit, let covering = options.coveringSide,
      let thumbnail = thumbnail(covering: covering)
    {
      defer { library.heif_image_handle_release(thumbnail.handle) }
      try items.check(Int(thumbnail.item), bytesPerPixel: 8, options, path: path)
      var still = try decode(thumbnail.handle, nil, options)
      (still.width, still.height, still.profile) = (width, height, profile)
      return still
    }
    try options.check(width, height, bytesPerPixel: bytesPerPixel, path: path)
    try items.check(Int(item), bytesPerPixel: hasAlpha ? 8 : 5, options, path: path)
    let profile = profile
    // Eight bits would leave too few levels of a high dynamic range.
    if isDeep, case .coded(let primaries, let transfer) = profile,
      let deep = ToneMapping(transfer: Int(transfer), primaries: Int(primaries), curve: .sRGB)
    {
      return try decode(picture, deep, options)
    }
    var still = try decode(picture, nil, options)
    still.profile = profile
    return still
  }

  private func size(_ handle: OpaquePointer) -> (width: Int, height: Int) {
    (
      max(0, Int(library.heif_image_handle_get_width(handle))),
      max(0, Int(library.heif_image_handle_get_height(handle)))
    )
  }

  /// The smallest that covers; the caller releases it.
  private func thumbnail(covering side: Int) -> (handle: OpaquePointer, item: heif_item_id)? {
    let count = min(library.heif_image_handle_get_number_of_thumbnails(picture), 64)
    guard count > 0 else { return nil }
    var names = [heif_item_id](repeating: 0, count: Int(count))
    let found = library.heif_image_handle_get_list_of_thumbnail_IDs(picture, &names, count)
    var best: (handle: OpaquePointer, item: heif_item_id)?
    for name in names.prefix(Int(max(0, found))) {
      var handle: OpaquePointer?
      guard library.heif_image_handle_get_thumbnail(picture, name, &handle).code == heif_error_Ok, let handle
      else { continue }
      let (wide, high) = size(handle)
      let fits = min(wide, high) >= side && wide * high <= 4_000_000
      if fits, best.map({ size($0.handle).width > wide }) ?? true {
        if let best { library.heif_image_handle_release(best.handle) }
        best = (handle, name)
      } else {
        library.heif_image_handle_release(handle)
      }
    }
    return best
  }

  /// In sRGB where `deep` maps it, else in the file's colors.
  private func decode(_ handle: OpaquePointer, _ deep: ToneMapping?, _ options: DecodeOptions)
    throws(MediaError) -> StoredStill
  {
    let hasAlpha = library.heif_image_handle_has_alpha_channel(handle) != 0
    let chroma =
      switch (deep != nil, hasAlpha) {
      case (false, false): heif_chroma_interleaved_RGB
      case (false, true): heif_chroma_interleaved_RGBA
      case (true, false): heif_chroma_interleaved_RRGGBB_LE
      case (true, true): heif_chroma_interleaved_RRGGBBAA_LE
      }
    let (image, seen) = try planes(handle, chroma, options)
    defer { library.heif_image_release(image) }
    let width = Int(library.heif_image_get_width(image, heif_channel_interleaved))
    let height = Int(library.heif_image_get_height(image, heif_channel_interleaved))
    var stride: Int32 = 0
    let (wide, high) = size(handle)
    // Crops may be rounded either way.
    guard width > 0, height > 0, abs(width - wide) <= 1, abs(height - high) <= 1,
      let rows = library.heif_image_get_plane_readonly(image, heif_channel_interleaved, &stride)
    else { throw .undecodable(path: path, reason: "a picture of another size than the file says") }
    let bits = Int(library.heif_image_get_bits_per_pixel_range(image, heif_channel_interleaved))
    let isPremultiplied = hasAlpha && library.heif_image_handle_is_premultiplied_alpha(handle) != 0
    var row = HEIFRow(
      width: width, channels: hasAlpha ? 4 : 3, bits: bits, isPremultiplied: isPremultiplied, deep)
    var shrinker = BoxShrinker(width: width, height: height, factor: options.shrinking(width, height))
    var line = [UInt8](repeating: 0, count: width * 3)
    line.withUnsafeMutableBufferPointer { line in
      for y in 0..<height {
        row.read(rows + y * Int(stride), into: line)
        shrinker.add(UnsafeBufferPointer(line))
      }
    }
    return StoredStill(image: shrinker.image(), width: width, height: height, seen: seen)
  }

  /// What libheif decodes; the caller releases it. Not strictly: that adds nothing to its warnings but codes of colors that are not
  /// known, at which some versions lose the memory of a whole picture.
  private func planes(_ handle: OpaquePointer, _ chroma: heif_chroma, _ options: DecodeOptions)
    throws(MediaError) -> (OpaquePointer, seen: Double?)
  {
    var image: OpaquePointer?
    let error = library.heif_decode_image(handle, &image, heif_colorspace_RGB, chroma, nil)
    guard error.code == heif_error_Ok, let image else { throw heifFailure(error, path: path) }
    guard library.heif_image_get_decoding_warnings(image, 0, nil, 0) > 0 else { return (image, nil) }
    guard options.acceptsDamage else {
      library.heif_image_release(image)
      throw .undecodable(path: path, reason: "damaged data")
    }
    // How much of it nobody knows.
    return (image, 0.5)
  }

  private var profile: ColorProfile? {
    let count = library.heif_image_handle_get_raw_color_profile_size(picture)
    if count > 0, count <= ColorProfile.byteLimit {
      var bytes = [UInt8](repeating: 0, count: count)
      if library.heif_image_handle_get_raw_color_profile(picture, &bytes).code == heif_error_Ok {
        return ColorProfile(icc: bytes)
      }
    }
    var coded: UnsafeMutablePointer<heif_color_profile_nclx>?
    let error = library.heif_image_handle_get_nclx_color_profile(picture, &coded)
    // Given also where it fails, at codes that are not known.
    guard let coded else { return nil }
    defer { library.heif_nclx_color_profile_free(coded) }
    guard error.code == heif_error_Ok else { return nil }
    return ColorProfile(
      primaries: UInt16(truncatingIfNeeded: coded.pointee.color_primaries.rawValue),
      transfer: UInt16(truncatingIfNeeded: coded.pointee.transfer_characteristics.rawValue))
  }
}

/// From libheif's rows to RGB over white.
private struct HEIFRow {
  private let width: Int
  private let channels: Int
  /// Of a sample where there are two bytes for each.
  private let bits: Int
  private let isPremultiplied: Bool
  private let deep: ToneMapping?
  private var line: [UInt8]
  private var deepLine: [UInt16]

  init(width: Int, channels: Int, bits: Int, isPremultiplied: Bool, _ deep: ToneMapping?) {
    (self.width, self.channels, self.bits) = (width, channels, min(max(bits, 1), 16))
    (self.isPremultiplied, self.deep) = (isPremultiplied, deep)
    line = Array(repeating: 0, count: width * 4)
    deepLine = Array(repeating: 0, count: deep == nil ? 0 : width * 3)
  }

  mutating func read(_ source: UnsafePointer<UInt8>, into target: UnsafeMutableBufferPointer<UInt8>) {
    if deep == nil, channels == 3 {
      _ = target.update(fromContentsOf: UnsafeBufferPointer(start: source, count: width * 3))
      return
    }
    if let deep { map(source, deep) }
    line.withUnsafeMutableBufferPointer { line in
      if deep == nil { _ = line.update(fromContentsOf: UnsafeBufferPointer(start: source, count: width * 4)) }
      if isPremultiplied { addWhite(line) } else { blendOverWhite(line) }
      _ = target.update(fromContentsOf: UnsafeBufferPointer(rebasing: line[..<(width * 3)]))
    }
  }

  /// Two bytes a sample, the lower first, to `line`: RGB mapped, and alpha.
  private mutating func map(_ source: UnsafePointer<UInt8>, _ deep: ToneMapping) {
    let white = (UInt32(1) << UInt32(bits)) - 1
    func sample(_ index: Int) -> UInt16 {
      let value = UInt32(source[2 * index]) | UInt32(source[2 * index + 1]) << 8
      return UInt16(min(value, white) * 65_535 / white)
    }
    for x in 0..<width {
      for channel in 0..<3 { deepLine[x * 3 + channel] = sample(x * channels + channel) }
    }
    let mapped = deep.apply(rgb48: deepLine)
    for x in 0..<width {
      for channel in 0..<3 { line[x * 4 + channel] = mapped[x * 3 + channel] }
      line[x * 4 + 3] = channels == 4 ? UInt8(sample(x * 4 + 3) >> 8) : 255
    }
  }
}

private func heifFailure(_ error: heif_error, path: String) -> MediaError {
  let reason = error.message.map { String(cString: $0) } ?? "unknown error"
  return switch error.code {
  case heif_error_Unsupported_filetype, heif_error_Unsupported_feature, heif_error_Plugin_loading_error:
    .unsupported(path: path, reason: "libheif cannot decode it: \(reason)")
  case heif_error_Memory_allocation_error: .tooLarge(path: path, reason: reason)
  default: .undecodable(path: path, reason: reason)
  }
}

/// Turns RGBA whose colors have been multiplied by alpha into RGB over white in place, 4 bytes into 3.
func addWhite(_ buffer: UnsafeMutableBufferPointer<UInt8>) {
  var target = 0
  for source in stride(from: 0, to: buffer.count - 3, by: 4) {
    let white = 255 - UInt16(buffer[source + 3])
    for channel in 0..<3 {
      buffer[target] = UInt8(min(255, UInt16(buffer[source + channel]) + white))
      target += 1
    }
  }
}
