import Datasets
import Media
import Models
import Narration

/// Frames evenly over a whole clip: one in the middle of each of `count` equal parts. A clip of fewer frames repeats some.
func evenFrames(of path: String, count: Int, coveringSide: Int) throws -> [Image] {
  let total = try frameTimes(of: path).count
  let stream = try FrameStream(contentsOf: path, options: VideoOptions(coveringSide: coveringSide))
  var images: [Image] = []
  var index = 0
  while images.count < count, try stream.next() != nil {
    let image = (2 * images.count + 1) * total / (2 * count) == index ? try stream.image() : nil
    if let image {
      while images.count < count, (2 * images.count + 1) * total / (2 * count) == index {
        images.append(image)
      }
    }
    index += 1
  }
  guard let last = images.last else { throw MediaError.undecodable(path: path, reason: "no frame in it") }
  while images.count < count { images.append(last) }
  return images
}

/// Windows for `I3D`, evenly over a whole clip, the outer ones at its ends; one alone in its middle. A clip
/// shorter than a window repeats frames, as in labelling.
/// - Returns: `count` windows of 64 frames, the shorter side at most 256 pixels
func evenWindows(of path: String, count: Int) throws -> [[Image]] {
  let times = try frameTimes(of: path)
  let room = max(0, (times.last ?? 0) - (times.first ?? 0) - I3D.windowSeconds)
  let starts = (0..<count).map {
    (times.first ?? 0) + room * (count == 1 ? 0.5 : Double($0) / Double(count - 1)) - 1e-6
  }
  let stream = try FrameStream(contentsOf: path, options: VideoOptions(coveringSide: I3D.shorterSide))
  var samplers = starts.map { _ in
    WindowSampler<Image>(
      window: I3D.windowSeconds, stride: I3D.windowSeconds,
      frames: I3D.frames)
  }
  var windows = [[Image]?](repeating: nil, count: count)
  while windows.contains(where: { $0 == nil }), let time = try stream.next() {
    var image: Image?
    for index in 0..<count where windows[index] == nil && time >= starts[index] {
      let slots = samplers[index].slots(at: time)
      guard slots > 0 else { continue }
      let frame = try image ?? stream.image()
      image = frame
      samplers[index].append(frame, time: time, slots: slots)
      windows[index] = samplers[index].next(atEnd: false)?.samples
    }
  }
  return try windows.indices.map {
    guard let window = windows[$0] ?? samplers[$0].next(atEnd: true)?.samples else {
      throw MediaError.undecodable(path: path, reason: "its end cannot be decoded")
    }
    return window
  }
}

/// When the frames of a video are shown, in seconds, in their order. The container's count and length can be wrong or missing.
private func frameTimes(of path: String) throws -> [Double] {
  let stream = try FrameStream(contentsOf: path)
  var times = [try stream.first()]
  while let time = try stream.next() { times.append(time) }
  return times
}
