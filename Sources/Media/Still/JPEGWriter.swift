import CJPEG
import Glibc

extension Image {
  /// The image as the bytes of a JPEG file (ITU-T T.81, baseline, 4:2:0).
  /// - Parameter quality: 1 to 100, as libjpeg counts it; what lies beyond is the nearest of these.
  /// - Throws: `MediaError.tooLarge` for a side of more than 65,500 pixels, or without memory.
  public func jpegData(quality: Int = 85) throws(MediaError) -> [UInt8] {
    var (bytes, count) = (UnsafeMutablePointer<UInt8>?.none, 0)
    let status = pixels.withUnsafeBufferPointer {
      narrate_jpeg_write(
        $0.baseAddress, Int32(clamping: width), Int32(clamping: height), Int32(min(max(1, quality), 100)),
        &bytes, &count)
    }
    guard status == NARRATE_JPEG_OK, let bytes else {
      throw .tooLarge(path: "JPEG", reason: "\(width)×\(height) pixels cannot be written")
    }
    defer { free(bytes) }
    return Array(UnsafeBufferPointer(start: bytes, count: count))
  }
}
