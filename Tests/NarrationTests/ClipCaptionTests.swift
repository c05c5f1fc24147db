import Foundation
import Language
import Media
import Models
import Narration
import TestSupport
import Testing

@Suite struct ClipCaptionTests {
  /// `seconds` at 10 frames a second.
  private func video(_ seconds: Double) throws -> (folder: TemporaryFolder, file: VideoFile) {
    let folder = try TemporaryFolder()
    let path = try folder.write(rawVideo(frames: Int(seconds * 10)), "raw.y4m").path
    return (folder, try VideoFile(contentsOf: path))
  }

  /// 16 × 16 pixels: each frame of another gray.
  private func rawVideo(frames: Int) -> [UInt8] {
    var video = RawVideo(width: 16, height: 16, rate: 10)
    for frame in 0..<frames { video.append { _, _ in UInt8(16 + frame % 200) } }
    return video.bytes
  }

  private func captions(_ seconds: Double, every: Double?) throws -> [(clip: ClipCaption, frames: [Image])] {
    let model = try TinyModel()
    let captioner = try CaptionEngine(model: model.folder)
    let (folder, file) = try video(seconds)
    var found: [(clip: ClipCaption, frames: [Image])] = []
    try withExtendedLifetime(folder) { try captioner.caption(file, every: every) { found.append(($0, $1)) } }
    return found
  }

  @Test func aClipHasOneCaptionFromItsMiddle() throws {
    let found = try captions(4, every: nil)
    #expect(found.count == 1 && found[0].frames.count == 1 && !found[0].clip.captions.isEmpty)
    #expect(found[0].clip.start == 0 && abs(found[0].clip.end - 4) < 0.101)
    // Frame 20 of 40, by the limited range.
    #expect(abs(Int(found[0].frames[0].pixels[0]) - 20 * 255 / 219) <= 2)
  }

  @Test func stretchesFollowOneAnother() throws {
    let found = try captions(5, every: 2)
    #expect(found.map(\.clip.start) == [0, 2, 4])
    #expect(zip(found, [2, 4, 5]).allSatisfy { abs($0.clip.end - $1) < 0.001 })
  }

  @Test func aStretchLongerThanTheVideoHasItsFirstFrame() throws {
    let found = try captions(0.3, every: 60)
    #expect(found.count == 1 && found[0].frames[0].pixels[0] <= 18)
    #expect(abs(found[0].clip.end - 0.3) < 0.001)
  }

  @Test func recordingsPutOneAfterTheOtherAreOneVideo() throws {
    // Twice two seconds at 10 frames a second, each frame 4 brighter than the one before.
    let frames = try (0..<40).map { frame in
      let pixels = [UInt8](repeating: UInt8(4 * frame), count: 16 * 16 * 3)
      return (
        milliseconds: frame % 20 * 100, jpeg: try Image(width: 16, height: 16, pixels: pixels).jpegData()
      )
    }
    let folder = try TemporaryFolder()
    let path = try folder.write(ivf(frames, width: 16, height: 16), "twice.ivf").path
    let model = try TinyModel()
    var found: [(clip: ClipCaption, frames: [Image])] = []
    try CaptionEngine(model: model.folder).caption(VideoFile(contentsOf: path), every: 1) {
      found.append(($0, $1))
    }
    #expect(found.map(\.clip.start) == [0, 1, 2, 3])
    #expect(zip(found, [1, 2, 3, 4]).allSatisfy { abs($0.clip.end - $1) < 0.11 })
    // Each from the frame in its middle.
    for (clip, frame) in zip(found, [5, 15, 25, 35]) {
      #expect(clip.frames.count == 1 && abs(Int(clip.frames[0].pixels[0]) - 4 * frame) <= 6)
    }
  }

  /// A frame is shown until the next one is, and the last one until the video ends.
  @Test func stretchesOfAFewFramesLeaveNoGaps() throws {
    let frames = try [0, 5000, 12_000].enumerated().map { number, time in
      let pixels = [UInt8](repeating: UInt8(60 * number), count: 16 * 16 * 3)
      return (start: time, length: 4000, jpeg: try Image(width: 16, height: 16, pixels: pixels).jpegData())
    }
    let folder = try TemporaryFolder()
    let path = try folder.write(matroska(frames, width: 16, height: 16), "slow.mkv").path
    let model = try TinyModel()
    var clips: [ClipCaption] = []
    try CaptionEngine(model: model.folder).caption(VideoFile(contentsOf: path), every: 1) { clip, _ in
      clips.append(clip)
    }
    #expect(clips.map(\.start) == [0, 5, 12] && clips.map(\.end) == [5, 12, 16])
  }

  /// Whether a header says so, which an index contradicts, or nothing does but the frames themselves.
  @Test func claimsToLastLongerChangeNothing() throws {
    let frames = try (0..<40).map { frame in
      let pixels = [UInt8](repeating: UInt8(4 * frame), count: 16 * 16 * 3)
      return (
        start: frame * 100, length: 100, jpeg: try Image(width: 16, height: 16, pixels: pixels).jpegData()
      )
    }
    let folder = try TemporaryFolder()
    let model = try TinyModel()
    let engine = try CaptionEngine(model: model.folder)
    func look(_ duration: Double) throws -> (clip: ClipCaption, frames: [Image]) {
      let file = matroska(frames, width: 16, height: 16, duration: duration)
      var found: [(clip: ClipCaption, frames: [Image])] = []
      try engine.caption(VideoFile(contentsOf: folder.write(file, "claims.mkv").path)) {
        found.append(($0, $1))
      }
      #expect(found.count == 1)
      return found[0]
    }
    let usual = try look(4000)
    for claim in [40_000.0, 1e12] {
      let found = try look(claim)
      #expect(found.frames == usual.frames && found.clip.start == 0 && abs(found.clip.end - 4) < 0.001)
    }
  }

  @Test(arguments: [(1, 0x7FFF_FFFF), (0x7FFF_FFFF, 1), (10, 1)])
  func timesBeyondAllBoundsDoNoHarm(rate: Int, scale: Int) throws {
    let jpeg = try Image(width: 16, height: 16, pixels: [UInt8](repeating: 9, count: 16 * 16 * 3)).jpegData()
    let frames = [0, 1, 1 << 62, .max, .min, 2].map { (milliseconds: $0, jpeg: jpeg) }
    let folder = try TemporaryFolder()
    let path = try folder.write(ivf(frames, width: 16, height: 16, rate: rate, scale: scale), "long.ivf").path
    let model = try TinyModel()
    let captioner = try CaptionEngine(model: model.folder)
    for every in [nil, 0.1, 86_400] {
      var clips: [ClipCaption] = []
      try captioner.caption(VideoFile(contentsOf: path), every: every) { clip, _ in clips.append(clip) }
      #expect((1...6).contains(clips.count))
      #expect(clips.allSatisfy { abs($0.start) <= 1e9 && $0.start <= $0.end && $0.end <= 2e9 })
    }
  }

  @Test(arguments: [0, -1, 1e-300, 1e300, .nan, .infinity])
  func aStretchThatCannotBeIsAnError(seconds: Double) throws {
    #expect(throws: OptionError.self) { try captions(1, every: seconds) }
  }

  @Test func whatEndsProgressEndsTheRun() throws {
    struct Stop: Error {}
    let model = try TinyModel()
    let captioner = try CaptionEngine(model: model.folder)
    let (folder, file) = try video(1)
    #expect(throws: Stop.self) {
      try withExtendedLifetime(folder) {
        try captioner.caption(file, progress: { _, _ in throw Stop() }, each: { _, _ in })
      }
    }
  }

  @Test func anUnknownStyleIsNamed() throws {
    let model = try TinyModel()
    let captioner = try CaptionEngine(model: model.folder)
    var options = CaptionOptions()
    options.style = "verse"
    #expect {
      try captioner.caption([Image(width: 1, height: 1, pixels: [0, 0, 0])], options: options)
    } throws: {
      ($0 as? StyleError)?.description == "no style verse in tiny; it knows one"
    }
    #expect(throws: StyleError.self) { try captioner.check(options) }
    #expect(throws: StyleError.self) { try StyleError.index(of: "verse", in: ["a", "b"], model: "m") }
    #expect(try StyleError.index(of: "b", in: ["a", "b"], model: "m") == 1)
    #expect(try StyleError.index(of: nil, in: ["a", "b"], model: "m") == 0)
  }
}
