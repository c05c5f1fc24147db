import CFFmpeg

/// Cuts a video into pieces without decoding it: packets go where they belong as they are, pictures, sound and subtitles. What
/// is read in two passes, the first of which finds the key frames.
///
///     let splitter = try VideoSplitter(contentsOf: "film.mp4")
///     let cuts = PlacedCut.nearest(to: [12.8, 31], among: try splitter.keyFrames())
///     try splitter.split(at: cuts) { number in try file(number).descriptor }
package struct VideoSplitter {
  /// Seconds that sound may come behind the pictures in a file: a piece is open so long after its last picture.
  private static let lag = 10.0

  let path: String
  let options = VideoOptions()
  /// What the pieces are called at the end, without a dot.
  package let suffix: String

  /// - Throws: `MediaError` where there is no video in it, or of a format that is not written.
  package init(contentsOf path: String) throws(MediaError) {
    self.path = path
    let source = try PacketSource(path, options)
    suffix = try PieceFormat(source).suffix
  }

  /// Where it may be cut: all frames that can be decoded alone, ascending.
  /// - Parameter check: called now and then; may throw to stop.
  /// - Throws: `MediaError.unsupported` for a file whose times are missing or begin anew.
  package func keyFrames(_ check: () throws -> Void = {}) throws -> [KeyFrame] {
    let source = try PacketSource(path, options)
    var frames: [KeyFrame] = []
    while let packet = source.next() {
      guard packet.pointee.stream_index == source.video else { continue }
      guard let ticks = packet.presentation,
        let time = MediaTime.seconds(ticks: ticks, source.secondsPerTick(source.video))
      else {
        throw MediaError.unsupported(path: path, reason: "its packets have no times: it cannot be split")
      }
      if packet.pointee.flags & AV_PKT_FLAG_KEY != 0 {
        try check()
        guard time > frames.last?.time ?? -.infinity else {
          throw MediaError.unsupported(path: path, reason: "its times begin anew: it cannot be split")
        }
        frames.append(KeyFrame(time: time, ticks: ticks))
      } else if let last = frames.last, ticks < last.ticks {
        frames[frames.count - 1].isClosed = false
      }
    }
    return frames
  }

  /// Writes the pieces, one more than there are cuts.
  /// - Parameters:
  ///   - cuts: ascending, of `keyFrames`
  ///   - timecode: of a piece's first frame by its time, if it has one
  ///   - open: the descriptor to write a piece to, by its number from 0; it must stay open until `close`
  ///   - close: told when a piece is whole
  /// - Returns: pictures that are in no piece, since they need a frame of two
  /// - Throws: `MediaError`; `PieceError` where a piece cannot be written; and what the closures throw.
  package func split(
    at cuts: [PlacedCut], timecode: (Double) -> String? = { _ in nil }, open: (Int) throws -> CInt,
    close: (Int) throws -> Void
  ) throws -> Int {
    let source = try PacketSource(path, options)
    let format = try PieceFormat(source)
    var pieces: [Int: PieceWriter] = [:]
    var (current, lost, first) = (0, 0, Int64.min)
    func finish(before time: Double) throws {
      for number in pieces.keys.sorted() where number < current && cuts[number].keyFrame.time <= time {
        try pieces.removeValue(forKey: number)?.finish()
        try close(number)
      }
    }
    while let packet = source.next() {
      guard let stamp = packet.presentation, let index = Int(exactly: packet.pointee.stream_index) else {
        continue
      }
      let time = MediaTime.seconds(ticks: stamp, source.secondsPerTick(index)) ?? 0
      var number = cuts.prefix { $0.keyFrame.time <= time }.count
      if index == source.video {
        if current < cuts.count, packet.pointee.flags & AV_PKT_FLAG_KEY != 0,
          stamp == cuts[current].keyFrame.ticks
        {
          (current, first) = (current + 1, stamp)
          try finish(before: time - Self.lag)
        }
        guard stamp >= first else {
          lost += 1
          continue
        }
        number = current
      }
      let start = number > 0 ? cuts[number - 1].keyFrame.time : source.start
      if pieces[number] == nil {
        // Sound that comes later than any should.
        if number < current { continue }
        pieces[number] = try PieceWriter(format, source, timecode: timecode(start), to: open(number))
      }
      try pieces[number]?.write(packet, earlier: start)
    }
    try finish(before: .infinity)
    try pieces.removeValue(forKey: current)?.finish()
    try close(current)
    return lost
  }
}
