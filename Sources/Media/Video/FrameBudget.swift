import CFFmpeg
import Synchronization

/// What the frames of one decoder may take together: those that others are decoded from, those that wait for their turn, and
/// the one that is looked at. A file says itself how many that are.
final class FrameBudget: Sendable {
  /// Bytes of all frames of a decoder.
  private let limit: Int
  private let used = Atomic(0)
  private let isExceeded = Atomic(false)

  init(_ limit: Int) { self.limit = limit }

  /// Whether a frame was refused.
  var wasExceeded: Bool { isExceeded.load(ordering: .relaxed) }

  /// As many threads as have room for frames of their own, beside as many as nearly all videos keep for others.
  func threads(_ wanted: Int, for frame: AVCodecParameters) -> Int {
    let description = ffmpeg.av_pix_fmt_desc_get(AVPixelFormat(frame.format))
    let bits = description.map { Int(ffmpeg.av_get_padded_bits_per_pixel($0)) } ?? 24
    // Sides are at most 2^31 - 1; what is larger than the limit was refused before.
    let pixels = Double(max(1, frame.width)) * Double(max(1, frame.height))
    let frames = Double(limit) * 8 / (pixels * Double(max(1, bits)))
    return max(1, min(wanted, Int(bounded: frames) - 8))
  }

  /// Makes a decoder ask before each frame. The decoder does not own the budget: each frame does.
  func watch(_ context: UnsafeMutablePointer<AVCodecContext>) {
    context.pointee.opaque = Unmanaged.passUnretained(self).toOpaque()
    context.pointee.get_buffer2 = { context, frame, flags in
      guard let context, let frame, let opaque = context.pointee.opaque else { return -1 }
      let budget = Unmanaged<FrameBudget>.fromOpaque(opaque).takeUnretainedValue()
      let status = ffmpeg.avcodec_default_get_buffer2(context, frame, flags)
      return status < 0 ? status : budget.take(frame)
    }
    narrate_av_allow_threads(context)
  }

  /// Counts a frame as long as anything refers to it.
  private func take(_ frame: UnsafeMutablePointer<AVFrame>) -> Int32 {
    let buffers = frame.pointee.buf
    let sizes = [buffers.0, buffers.1, buffers.2, buffers.3].map { $0.map { Int($0.pointee.size) } ?? 0 }
    let size = sizes.reduce(0, +)
    let total = used.add(size, ordering: .relaxed).newValue
    let token = total > limit ? nil : Token(self, size).reference()
    guard let token else {
      used.subtract(size, ordering: .relaxed)
      isExceeded.store(true, ordering: .relaxed)
      ffmpeg.av_frame_unref(frame)
      return narrate_av_no_memory()
    }
    frame.pointee.opaque_ref = token
    return 0
  }

  /// What a frame carries with it: let go with the last reference to it.
  private final class Token {
    private let budget: FrameBudget
    private let size: Int

    init(_ budget: FrameBudget, _ size: Int) { (self.budget, self.size) = (budget, size) }

    deinit { budget.used.subtract(size, ordering: .relaxed) }

    /// - Returns: nil where there is no memory
    func reference() -> UnsafeMutablePointer<AVBufferRef>? {
      let owned = Unmanaged.passRetained(self)
      let buffer = ffmpeg.av_buffer_create(
        nil, 0, { opaque, _ in opaque.map { Unmanaged<Token>.fromOpaque($0).release() } }, owned.toOpaque(), 0
      )
      if buffer == nil { owned.release() }
      return buffer
    }
  }
}
