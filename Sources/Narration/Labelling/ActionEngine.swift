import Compute
import Foundation
import Media
import Models
import Networks
import Tensors

/// Labels videos with one model folder. Not thread-safe: one instance a thread.
package final class ActionEngine {
  /// The model folder's name.
  package let name: String
  /// The labels that the model knows.
  package let labels: [String]
  private let configuration: ActionConfiguration
  private let threads: Int
  private let weightsPath: String
  private let encoder: any WindowEncoder
  private let head: ActionHead
  private let arena = Arena()

  /// Loads a model folder.
  /// - Parameter threads: cores to use, 1 to 1024.
  /// - Throws: `ModelError` if the folder cannot be used.
  package init(model folder: URL, threads: Int = 1) throws {
    let model = try ActionModel(contentsOf: folder)
    let threads = usableThreads(threads)
    (name, labels, self.threads) = (folder.standardizedFileURL.lastPathComponent, model.labels, threads)
    configuration = model.configuration
    weightsPath = folder.appendingPathComponent("model.safetensors").path
    do {
      encoder = try ThreadTeam(threads).run { [configuration] in
        try configuration.encoder.compiled(
          weights: model.weights, Engine(), preprocessing: configuration.preprocessing)
      }
    } catch let error as SafetensorsError { throw ModelError(error) }
    head = try model.head()
  }

  /// Labels a video file, one pass over it.
  /// - Parameter progress: told the time reached and the video's length, if known, in seconds; may throw to stop.
  /// - Throws: `MediaError` when there is nothing to label in it, `OptionError` for an option that cannot be.
  package func label(
    contentsOf path: String, options: ActionOptions = ActionOptions(),
    progress: @escaping (_ time: Double, _ duration: Double?) throws -> Void = { _, _ in }
  ) throws -> Labeling {
    try label(path, with: encoder, options, progress)
  }

  /// - Parameter length: of the video in seconds; nil is what the file claims.
  private func label<Encoder: WindowEncoder>(
    _ path: String, with encoder: Encoder, _ options: ActionOptions, length: Double? = nil,
    _ progress: @escaping FrameStream.Progress
  ) throws -> Labeling {
    try options.check()
    var decoding = VideoOptions(coveringSide: configuration.encoder.coveringSide)
    decoding.threads = threads
    // A network that sees movement needs every frame.
    decoding.skipsUnreferenced = configuration.encoder.framesPerStep == 1
    let video = try VideoFile(contentsOf: path, options: decoding)
    guard !video.isPicture else { throw MediaError.unsupported(path: path, reason: "a picture, not a video") }
    let window = options.window ?? configuration.windowSeconds
    let stride = options.stride ?? configuration.strideSeconds ?? window / 2
    let stream = FrameStream(video, progress: progress)
    let start = try stream.first()
    let claimed = length ?? video.end.map { $0 - start }
    let plan = WindowPlan(window: window, stride: stride, length: claimed)
    var windows = WindowSampler<Encoder.Sample>(
      window: window, stride: plan.stride, frames: configuration.framesPerWindow)
    var timeline = ActionTimeline(
      labels: labels, interval: windows.interval, stride: windows.strideSeconds, window: window)
    var repeated = 0
    func encodeWindows(atEnd: Bool) throws {
      while let ready = windows.next(atEnd: atEnd) {
        repeated += ready.samples.count - ready.location.slots
        timeline.add(encoder.isStill(ready.samples) ? nil : try run(encoder, ready), ready.location)
      }
    }
    var next = Optional(start)
    while let time = next {
      if let goal = windows.gapEnd ?? (windows.firstTime == nil ? start + plan.offset : nil),
        time < goal - 1e-6
      {
        stream.skip(to: goal)
      } else {
        if windows.isBeyondGap(time) {
          try encodeWindows(atEnd: true)
          windows.resume(at: time)
        }
        let slots = windows.slots(at: time)
        if slots > 0 {
          windows.append(encoder.sample(try stream.image()), time: time, slots: slots)
          try encodeWindows(atEnd: false)
        }
      }
      next = try stream.next()
    }
    try encodeWindows(atEnd: true)
    let end = max(stream.end, start)
    // The plan's windows stand elsewhere in a video that is shorter than it claims.
    if length == nil, stride > window, let claimed, VideoLength.exceeds(claimed, end - start) {
      return try label(path, with: encoder, options, length: end - start, progress)
    }
    let threshold = options.threshold ?? configuration.calibration?.threshold ?? 0.5
    let said = timeline.decoded(from: start, to: end, threshold: threshold)
    return Labeling(
      start: start, duration: end - start, segments: said.segments(top: options.top),
      intervals: said.intervals, damagedFrames: video.damagedFrames, repeatedFrames: repeated)
  }

  /// Runs the encoder over a window without a picture, for timing.
  package func encodeBlankWindow() { encodeBlankWindow(with: encoder) }

  private func encodeBlankWindow<Encoder: WindowEncoder>(with encoder: Encoder) {
    arena.reset()
    let side = configuration.encoder.inputSize
    let blank = Image(width: side, height: side, pixels: [UInt8](repeating: 127, count: side * side * 3))
    let frames = [Image](repeating: blank, count: configuration.framesPerWindow)
    encoder.encode(images: frames, into: arena.rows(configuration.steps, configuration.encoder.channels))
  }

  /// Runs the network over a window.
  private func run<Encoder: WindowEncoder>(
    _ encoder: Encoder, _ window: WindowSampler<Encoder.Sample>.Window
  ) throws(ModelError) -> WindowScores {
    arena.reset()
    let features = arena.rows(configuration.steps, configuration.encoder.channels)
    encoder.encode(window.samples, into: features)
    var (logits, attention) = ([Float](), [(time: Double, weight: Double)]())
    // One thread: the same result for any number, and what is left is small.
    ThreadTeam.single.run {
      switch head {
      case .network(let network):
        let pass = ActionPass(network, features: Rows(features), clips: 1, arena: arena)
        logits = [Float](Rows(pass.logits))
        attention = (0..<features.rows).map {
          (window.location.times[$0 * configuration.encoder.framesPerStep], Double(pass.weights[0][$0]))
        }
      case .classifier(let linear):
        logits = I3D.logits(linear, Rows(features))
      }
    }
    guard logits.allSatisfy(\.isFinite) else {
      throw .damaged(path: weightsPath, reason: "weights whose scores are no numbers")
    }
    let temperature = Float(configuration.calibration?.temperature ?? 1)
    for index in logits.indices { logits[index] /= temperature }
    logits.withUnsafeMutableBufferPointer {
      if let base = $0.baseAddress { logSoftmax(MutableRows(base, rows: 1, columns: $0.count)) }
    }
    return WindowScores(probabilities: logits.map { exp($0) }, attention: attention)
  }
}
