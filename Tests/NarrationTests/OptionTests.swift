import Foundation
import Media
import Narration
import TestSupport
import Testing

/// What a caller may ask for never ends the process: what cannot be is an error.
@Suite struct OptionTests {
  private static let picture = Image(width: 2, height: 2, pixels: [UInt8](repeating: 90, count: 12))
  private static let counts = [Int.min, -1, 0, 1_000_000_000, .max]
  private static let numbers = [-Double.infinity, -1, 0, 1e-300, 1e300, .infinity, .nan]

  private func fails(_ option: String, _ body: () throws -> Void) {
    #expect {
      try body()
    } throws: {
      ($0 as? OptionError)?.option == option
    }
  }

  @Test func captionOptions() throws {
    let model = try TinyModel()
    for threads in [Int.min, -1, 0, 3] {
      let captioner = try CaptionEngine(model: model.folder, threads: threads)
      #expect(try captioner.caption(Self.picture).count == 1)
    }
    let captioner = try CaptionEngine(model: model.folder)
    let options: [(String, WritableKeyPath<CaptionOptions, Int>)] = [
      ("beamWidth", \.beamWidth), ("top", \.top), ("maximumWords", \.maximumWords),
    ]
    for (name, path) in options {
      for count in Self.counts {
        var options = CaptionOptions()
        options[keyPath: path] = count
        fails(name) { _ = try captioner.caption(Self.picture, options: options) }
        fails(name) { try captioner.check(options) }
      }
    }
    var most = CaptionOptions()
    (most.beamWidth, most.top, most.maximumWords) = (64, 64, 200)
    #expect(try captioner.caption(Self.picture, options: most).count == 64)
    fails("frames") { _ = try captioner.caption([Image]()) }
  }

  @Test func labelOptions() throws {
    let models = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appendingPathComponent("models")
    let folder = try TemporaryFolder()
    let jpeg = try Self.picture.jpegData()
    let video = try folder.write(
      ivf((0..<3).map { (milliseconds: 3_000_000 * $0, jpeg: jpeg) }, width: 2, height: 2), "v.ivf"
    ).path
    let labeler = try ActionEngine(
      model: models.appendingPathComponent("action-kinetics400"), threads: -1)
    for count in Self.counts {
      var options = ActionOptions()
      options.top = count
      fails("top") { _ = try labeler.label(contentsOf: video, options: options) }
    }
    let options: [(String, WritableKeyPath<ActionOptions, Double?>)] = [
      ("window", \.window), ("stride", \.stride), ("threshold", \.threshold),
    ]
    for (name, path) in options {
      for number in Self.numbers where name != "threshold" || !(0...1).contains(number) {
        var options = ActionOptions()
        options[keyPath: path] = number
        fails(name) { _ = try labeler.label(contentsOf: video, options: options) }
      }
    }
    for (window, stride) in [(0.1, 3600), (3600, 0.1), (0.1, 0.1), (3600, 3600)] {
      var options = ActionOptions()
      (options.window, options.stride, options.top, options.threshold) = (window, stride, 1000, 0)
      let labeling = try labeler.label(contentsOf: video, options: options)
      #expect(!labeling.segments.isEmpty && labeling.duration >= 6000)
    }
  }

  /// Twenty frames, four a second: where the windows begin, in slots, and the frames that the first one has.
  @Test(
    arguments: [
      (1, 1e-300, Array(0...16), [0, 1, 2, 3]), (1, 1e300, [0], [0, 1, 2, 3]),
      (1, .infinity, [0], [0, 1, 2, 3]), (1e300, 1e-300, [0], [0, 0, 0, 0]),
      (1e-300, 1e300, [0], [0, 1, 1, 1]),
    ] as [(Double, Double, [Int], [Int])])
  func windowsAreCutWhateverTheStride(window: Double, stride: Double, starts: [Int], first: [Int]) {
    var sampler = WindowSampler<Int>(window: window, stride: stride, frames: 4)
    var found: [WindowSampler<Int>.Window] = []
    for index in 0..<20 {
      let slots = sampler.slots(at: Double(index) / 4)
      if slots > 0 { sampler.append(index, time: Double(index) / 4, slots: slots) }
      while let next = sampler.next(atEnd: false) { found.append(next) }
    }
    while let next = sampler.next(atEnd: true) { found.append(next) }
    #expect(found.map(\.location.firstSlot) == starts)
    #expect(found.first?.samples == first && found.allSatisfy { $0.samples.count == 4 })
  }

  @Test func summaryOptions() throws {
    let model = try TinyModel()
    let summarizer = try SummaryEngine(captioner: model.folder, shots: nil, threads: Int.min)
    for count in [Int.min, -1, 0, .max] {
      var options = SummaryOptions()
      options.keyFrames = count
      fails("keyFrames") { try summarizer.check(options) }
    }
    var options = SummaryOptions()
    options.captions.beamWidth = 0
    fails("beamWidth") { try summarizer.check(options) }
  }
}
