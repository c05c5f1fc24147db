import Compute
import Foundation
import Media
import Networks
import Tensors

/// What is done in a video, and from when to when.
public struct Labeling: Sendable {
  /// A label and how probable it is.
  public struct Label: Sendable, Equatable {
    /// As the model names it.
    public let label: String
    /// 0…1
    public let probability: Double
  }
  /// A stretch of the video in which the same is done.
  public struct Segment: Sendable {
    /// Seconds, by the file's presentation times.
    public let start: Double
    /// Seconds, by the file's presentation times.
    public let end: Double
    /// The most probable labels, best first.
    public let labels: [Label]
    /// Whether the best label is probable enough to be said firmly.
    public let isConfident: Bool
    /// How much each frame that was looked at counted, in order of time; the weights sum to 1.
    public let attention: [(time: Double, weight: Double)]
  }

  /// From the first frame to the end of the last, in seconds.
  public let duration: Double
  /// In order of time, without gaps.
  public let segments: [Segment]
  /// Frames and packets that could not be decoded.
  public let damagedFrames: Int
}

/// How a video is labelled.
public struct LabelOptions: Sendable {
  /// Labels a segment.
  public var top = 3
  /// Seconds that the network looks at once; nil is what the model was trained for.
  public var window: Double?
  /// Seconds between the beginnings of two windows; nil is half a window.
  public var stride: Double?
  /// Below this probability a label is not said firmly.
  public var threshold = 0.5

  /// Three labels, the model's own window.
  public init() {}
}

/// Labels videos with one model folder. Not thread-safe: one instance a thread.
public final class ActionLabeler {
  /// The model folder's name.
  public let name: String
  /// The labels that the model knows.
  public let labels: [String]
  private let configuration: ActionConfiguration
  private let threads: Int
  private let engine: Engine
  private let encoder: GridEncoder
  private let network: ActionNetwork
  private let arena = Arena()

  /// Loads a model folder.
  /// - Parameter threads: cores to use.
  /// - Throws: `ModelError` if the folder cannot be used.
  public init(model folder: URL, threads: Int = 1) throws {
    precondition(threads > 0)
    let model = try ActionModel(contentsOf: folder)
    (name, labels, self.threads) = (folder.standardizedFileURL.lastPathComponent, model.labels, threads)
    configuration = model.configuration
    setThreadCount(threads)
    engine = try Engine()
    do {
      encoder = try GridEncoder(configuration.encoder, weights: model.weights, engine)
    } catch let error as SafetensorsError { throw ModelError(error) }
    network = try model.network()
  }

  /// Labels a video file, one pass over it.
  /// - Parameter progress: told the time reached and the video's length, if known, in seconds; may throw to stop.
  /// - Throws: `MediaError` when there is nothing to label in it.
  public func label(
    contentsOf path: String, options: LabelOptions = LabelOptions(),
    progress: (_ time: Double, _ duration: Double?) throws -> Void = { _, _ in }
  ) throws -> Labeling {
    precondition(options.top > 0)
    setThreadCount(threads)
    var decoding = VideoOptions(coveringSide: configuration.encoder.inputSize)
    decoding.threads = threads
    decoding.skipsUnreferenced = true
    let video = try VideoFile(contentsOf: path, options: decoding)
    let window = options.window ?? configuration.windowSeconds
    var windows = WindowSampler(
      window: window, stride: options.stride ?? window / 2, frames: configuration.framesPerWindow,
      channels: EfficientNetLite.channels)
    var timeline = LabelTimeline(labels: labels, stride: windows.strideSeconds)
    while let time = try video.advance() {
      try progress(time, video.duration)
      if let goal = windows.gapEnd, time < goal - 1e-6 {
        video.skip(to: goal)
        continue
      }
      let slots = windows.slots(at: time)
      guard slots > 0 else { continue }
      let image = try video.image()
      windows.append(time: time, slots: slots) { encoder.pooled(image, into: $0) }
      while let ready = windows.next(atEnd: false) {
        timeline.add(run(ready), ready, interval: windows.interval)
      }
    }
    guard let start = windows.firstTime else {
      throw MediaError.undecodable(path: path, reason: "no frame in it")
    }
    while let ready = windows.next(atEnd: true) {
      timeline.add(run(ready), ready, interval: windows.interval)
    }
    let end = max(video.lastEnd, start)
    return Labeling(
      duration: end - start, segments: timeline.segments(from: start, to: end, options),
      damagedFrames: video.damagedFrames)
  }

  /// The labels' probabilities and the frames' weights.
  private func run(_ window: WindowSampler.Window) -> (probabilities: [Float], weights: [Float]) {
    arena.reset()
    // One thread: the same result for any number, and it is small.
    setThreadCount(1)
    defer { setThreadCount(threads) }
    let steps = configuration.framesPerWindow
    let pass = window.features.withUnsafeBufferPointer { features in
      guard let base = features.baseAddress else { preconditionFailure("a window has frames") }
      return ActionPass(network, features: base, clips: 1, steps: steps, arena: arena)
    }
    logSoftmax(pass.logits, rows: 1, columns: labels.count)
    return (
      (0..<labels.count).map { exp(pass.logits[$0]) },
      Array(UnsafeBufferPointer(start: pass.weights, count: steps))
    )
  }
}
