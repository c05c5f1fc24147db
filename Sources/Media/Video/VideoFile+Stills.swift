extension VideoFile {
  /// Single frames of a video: the one that is shown at each time.
  /// - Parameters:
  ///   - times: presentation times in seconds, ascending; beyond the end the last of the frames before is taken.
  ///   - coveringSide: frames are shrunk until the shorter side has this many pixels.
  /// - Returns: as many as there are times
  package static func stills(of path: String, at times: [Double], coveringSide: Int) throws(MediaError)
    -> [Image]
  {
    do {
      return try read(path, times, coveringSide)
    } catch let error as MediaError {
      throw error
    } catch { preconditionFailure("nobody stops this stream: \(error)") }
  }

  private static func read(_ path: String, _ times: [Double], _ coveringSide: Int) throws -> [Image] {
    guard !times.isEmpty else { return [] }
    let stream = try FrameStream(contentsOf: path, options: VideoOptions(coveringSide: coveringSide))
    var images: [Image] = []
    while images.count < times.count, try stream.next() != nil {
      guard stream.currentEnd > times[images.count] else {
        stream.skip(to: times[images.count])
        continue
      }
      let image = try stream.image()
      while images.count < times.count, stream.currentEnd > times[images.count] { images.append(image) }
    }
    // A file whose frames have no lengths may show none of them at these times.
    guard let last = images.last else { return try first(path, coveringSide, times.count) }
    return images + Array(repeating: last, count: times.count - images.count)
  }

  private static func first(_ path: String, _ coveringSide: Int, _ count: Int) throws -> [Image] {
    let stream = try FrameStream(contentsOf: path, options: VideoOptions(coveringSide: coveringSide))
    _ = try stream.first()
    return Array(repeating: try stream.image(), count: count)
  }
}
