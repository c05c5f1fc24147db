import Media

/// A container: its frames and their times, as the three jobs read them, some of the frames as pictures.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafeRawPointer?, _ count: Int) -> CInt {
  let file = write(Bytes(start: start, count: count), "video")
  _ = attempt { try MovieHeader.microseconds(contentsOf: file.path) }
  _ = attempt {
    let stream = try FrameStream(contentsOf: file.path, options: VideoOptions(coveringSide: 32))
    var last = -Double.infinity
    for number in 0..<60 {
      guard let time = try stream.next() else { break }
      precondition(time.isFinite && time >= last, "times go back")
      last = time
      if number % 20 == 0 { _ = attempt { try stream.image() } }
      if number == 40 { stream.skip(to: time + 1) }
    }
    precondition(!stream.end.isNaN)
  }
  _ = attempt { try VideoFile.stills(of: file.path, at: [0, 0.5, 1e9], coveringSide: 32) }
  return 0
}
