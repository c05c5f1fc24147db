import CCairo
import Media

// One owner for each handle of Cairo and Pango; only it frees the handle.

/// What is drawn on.
struct Surface: ~Copyable {
  let handle: OpaquePointer

  /// Pixels, black.
  init(width: Int, height: Int) throws(DrawingError) {
    try requireCairo()
    // Cairo's own limit, far below what an Int32 holds.
    guard max(width, height) <= 32_767 else { throw .tooLarge(width: width, height: height) }
    handle = try Self.checked(
      cairo.cairo_image_surface_create(CAIRO_FORMAT_RGB24, Int32(width), Int32(height)))
  }

  /// An SVG file.
  /// - Precondition: `file` lives until `finish` has returned.
  init(file: SVGFile, width: Int, height: Int) throws(DrawingError) {
    try requireCairo()
    handle = try Self.checked(
      cairo.cairo_svg_surface_create_for_stream(
        { file, bytes, count in
          guard let file, let bytes else { return CAIRO_STATUS_WRITE_ERROR }
          Unmanaged<SVGFile>.fromOpaque(file).takeUnretainedValue().append(
            UnsafeBufferPointer(start: bytes, count: Int(count)))
          return CAIRO_STATUS_SUCCESS
        }, Unmanaged.passUnretained(file).toOpaque(), Double(width), Double(height)))
    cairo.cairo_svg_surface_set_document_unit(handle, CAIRO_SVG_UNIT_PX)
  }

  /// A picture.
  init(_ image: Image) throws(DrawingError) {
    try self.init(width: image.width, height: image.height)
    cairo.cairo_surface_flush(handle)
    let (data, stride) = pixels
    for y in 0..<image.height {
      let row = UnsafeMutableRawPointer(data + y * stride).assumingMemoryBound(to: UInt32.self)
      for x in 0..<image.width {
        let first = (y * image.width + x) * 3
        row[x] =
          UInt32(image.pixels[first]) << 16 | UInt32(image.pixels[first + 1]) << 8
          | UInt32(image.pixels[first + 2])
      }
    }
    cairo.cairo_surface_mark_dirty(handle)
  }

  deinit { cairo.cairo_surface_destroy(handle) }

  /// - Returns: a handle without an error; one with an error is freed.
  private static func checked(_ handle: OpaquePointer?) throws(DrawingError) -> OpaquePointer {
    guard let handle else { throw .failed(operation: "surface", reason: "no memory") }
    do {
      try check(cairo.cairo_surface_status(handle), "surface")
    } catch {
      cairo.cairo_surface_destroy(handle)
      throw error
    }
    return handle
  }

  /// - Precondition: a surface of pixels.
  private var pixels: (data: UnsafeMutablePointer<UInt8>, stride: Int) {
    guard let data = cairo.cairo_image_surface_get_data(handle) else {
      preconditionFailure("not a surface of pixels")
    }
    return (data, Int(cairo.cairo_image_surface_get_stride(handle)))
  }

  /// Appends the pixels that have been drawn, as interleaved RGB.
  /// - Precondition: a surface of pixels, of this size.
  func appendPixels(to bytes: inout [UInt8], width: Int, height: Int) {
    cairo.cairo_surface_flush(handle)
    let (data, stride) = pixels
    for y in 0..<height {
      let row = UnsafeRawPointer(data + y * stride).assumingMemoryBound(to: UInt32.self)
      for x in 0..<width {
        bytes.append(UInt8(row[x] >> 16 & 0xFF))
        bytes.append(UInt8(row[x] >> 8 & 0xFF))
        bytes.append(UInt8(row[x] & 0xFF))
      }
    }
  }

  /// Gives what is shown of this picture as a JPEG file to files that hold pictures.
  func keep(jpeg: [UInt8]) throws(DrawingError) {
    let copy = UnsafeMutablePointer<UInt8>.allocate(capacity: jpeg.count)
    copy.initialize(from: jpeg, count: jpeg.count)
    let status = cairo.cairo_surface_set_mime_data(
      handle, "image/jpeg", copy, UInt(jpeg.count),
      { $0?.deallocate() }, copy)
    if status != CAIRO_STATUS_SUCCESS { copy.deallocate() }
    try check(status, "picture")
  }

  /// Writes what has not been written yet.
  func finish() throws(DrawingError) {
    cairo.cairo_surface_finish(handle)
    try check(cairo.cairo_surface_status(handle), "finish")
  }
}

/// Draws on a surface.
struct Context: ~Copyable {
  let surface: Surface
  let handle: OpaquePointer

  init(_ surface: consuming Surface) throws(DrawingError) {
    // Never NULL: without memory it is a context with that error.
    handle = cairo.cairo_create(surface.handle)!
    self.surface = surface
    try verify("context")
  }

  deinit { cairo.cairo_destroy(handle) }

  /// - Parameter operation: what was being done, for the error.
  func verify(_ operation: String) throws(DrawingError) {
    try check(cairo.cairo_status(handle), operation)
  }
}
