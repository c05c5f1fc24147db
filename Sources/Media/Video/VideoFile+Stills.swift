extension VideoFile {
  /// Single frames of a video: the one that is shown at each time.
  /// - Parameters:
  ///   - times: presentation times in seconds, ascending; beyond the end the last of the frames before is taken.
  ///   - coveringSide: frames are shrunk until the shorter side has this many pixels.
  /// - Returns: as many as there are times
  package static func stills(of path: String, at times: [Double], coveringSide: Int) throws(MediaError)
    -> [Image]
  {
    guard !times.isEmpty else { return [] }
    let video = try VideoFile(contentsOf: path, options: VideoOptions(coveringSide: coveringSide))
    var images: [Image] = []
    while images.count < times.count, try video.advance() != nil {
      guard video.currentEnd > times[images.count] else {
        video.skip(to: times[images.count])
        continue
      }
      let image = try video.image()
      while images.count < times.count, video.currentEnd > times[images.count] { images.append(image) }
    }
    // A file whose frames have no lengths may show none of them at these times.
    guard let last = images.last else { return try first(path, coveringSide, times.count) }
    return images + Array(repeating: last, count: times.count - images.count)
  }

  private static func first(_ path: String, _ coveringSide: Int, _ count: Int) throws(MediaError) -> [Image] {
    let video = try VideoFile(contentsOf: path, options: VideoOptions(coveringSide: coveringSide))
    guard try video.advance() != nil else { throw .undecodable(path: path, reason: "no frame in it") }
    return Array(repeating: try video.image(), count: count)
  }
}
