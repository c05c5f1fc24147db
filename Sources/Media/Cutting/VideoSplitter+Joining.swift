import CFFmpeg

extension VideoSplitter {
  /// What lies from one key frame to another.
  package struct Part: Sendable {
    let first: KeyFrame
    /// Nil is to the end of the video.
    let end: KeyFrame?

    package init(from first: KeyFrame, to end: KeyFrame?) { (self.first, self.end) = (first, end) }
  }

  /// Writes parts of the video as one, without decoding them.
  /// - Parameters:
  ///   - parts: in order, with something left out between them
  ///   - descriptor: to be written to; it stays the caller's
  ///   - check: called now and then; may throw to stop.
  /// - Throws: as `split`.
  package func join(_ parts: [Part], to descriptor: CInt, _ check: () throws -> Void = {}) throws {
    let source = try PacketSource(path, options)
    let writer = try PieceWriter(PieceFormat(source), source, timecode: nil, to: descriptor)
    // Of each part, seconds that its packets come earlier.
    var (shifts, length) = ([Double](), 0.0)
    for part in parts {
      shifts.append(part.first.time - length)
      length += (part.end?.time ?? part.first.time) - part.first.time
    }
    var (next, current) = (0, Int?.none)
    while let packet = source.next() {
      guard let stamp = packet.presentation, let index = Int(exactly: packet.pointee.stream_index) else {
        continue
      }
      let time = MediaTime.seconds(ticks: stamp, source.secondsPerTick(index)) ?? 0
      var place = parts.indices.first {
        parts[$0].first.time <= time && time < parts[$0].end?.time ?? .infinity
      }
      if index == source.video {
        if packet.pointee.flags & AV_PKT_FLAG_KEY != 0 {
          try check()
          if let now = current, parts[now].end?.ticks == stamp { current = nil }
          if next < parts.count, parts[next].first.ticks == stamp { (current, next) = (next, next + 1) }
        }
        place = current.flatMap { stamp >= parts[$0].first.ticks ? $0 : nil }
      }
      if let place { try writer.write(packet, earlier: shifts[place]) }
    }
    try writer.finish()
  }
}
