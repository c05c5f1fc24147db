import Files
import Foundation
import Media
import Models
import Narration
import Reports

/// Labels and summarizes what is sent, a video at a time. The models are loaded when they are first needed.
final class VideoService: Sendable {
  private let settings: ServerSettings
  private let lane: Lane
  let jobs: Jobs
  let ongoing = Ongoing()
  private let known: Loaded<(name: String, labels: [String])>
  private let labelers: Loaded<ActionLabeler>
  private let summarizers: Loaded<Summarizer>

  init(_ settings: ServerSettings) {
    self.settings = settings
    lane = Lane(capacity: settings.limits.videos)
    jobs = Jobs(settings.limits)
    known = Loaded {
      try await Workers.once {
        let folder = try settings.labelModel.folder(kind: .label)
        return (folder.standardizedFileURL.lastPathComponent, try ActionModel(contentsOf: folder).labels)
      }
    }
    labelers = Loaded { try await ActionLabeler(settings.labelModel, compute: settings.compute) }
    summarizers = Loaded {
      try await Summarizer(settings.captionModel, shots: settings.shotModel, compute: settings.compute)
    }
  }

  var waiting: Int { lane.count }

  /// What the labelling model is called and knows, without making it ready.
  func knownLabels() async throws -> (name: String, labels: [String]) { try await known.value() }

  /// Room for a video, before anything of it is read.
  func reserve() throws(Problem) -> Lane.Place { try lane.reserve() }

  /// The object of `narrate label`, without a path.
  func label(
    _ file: TemporaryFile, _ place: Lane.Place, _ options: ActionOptions,
    _ language: CaptionLanguage = .english, progress: @escaping @Sendable (VideoProgress) -> Void = { _ in }
  ) async throws -> JSON {
    try await lane.take(place) {
      let labeler = try await labelers.value()
      let labeling = try await follow(labeler.run(on: Self.url(file), options: options), progress)
      withExtendedLifetime(file) {}
      return ActionReport(labeling, path: "", model: labeler.name, language: language).json.without(
        "path")
    }
  }

  func summarize(
    _ file: TemporaryFile, _ place: Lane.Place, _ options: SummaryOptions,
    progress: @escaping @Sendable (VideoProgress) -> Void
  ) async throws -> Job.Result {
    try await lane.take(place) {
      let summarizer = try await summarizers.value()
      let summary = try await follow(summarizer.run(on: Self.url(file), options: options), progress)
      withExtendedLifetime(file) {}
      return Job.Result(SummaryReport(summary, path: "video"))
    }
  }

  /// - Throws: `Problem`, `MediaError` for what is no video
  func check(_ file: TemporaryFile) throws {
    guard try !MediaKind(contentsOf: file.path).isStill else {
      throw Problem(.unsupportedMediaType, "unsupported", "a picture, not a video")
    }
  }

  private static func url(_ file: TemporaryFile) -> URL { URL(fileURLWithPath: file.path) }

  private func follow<Value>(
    _ run: VideoRun<Value>, _ progress: @Sendable (VideoProgress) -> Void
  ) async throws -> Value {
    var told = ContinuousClock.now - .seconds(1)
    for await step in run.progress {
      // More often nobody looks.
      if ContinuousClock.now - told >= .milliseconds(100) {
        progress(step)
        told = .now
      }
      if step.seconds > settings.limits.duration {
        run.cancel()
        throw Problem(
          .contentTooLarge, "too-large", "more than \(Int(settings.limits.duration)) seconds of video")
      }
    }
    return try await run.value
  }
}

/// What is loaded when it is first needed, once.
final actor Loaded<Value: Sendable> {
  private let load: @Sendable () async throws -> Value
  private var task: Task<Value, any Error>?

  init(_ load: @escaping @Sendable () async throws -> Value) { self.load = load }

  func value() async throws -> Value {
    let task = self.task ?? Task { [load] in try await load() }
    self.task = task
    do {
      return try await task.value
    } catch {
      // A model may be there the next time.
      self.task = nil
      throw error
    }
  }
}

extension Job.Result {
  /// The summary's files, and all of them in an archive.
  init(_ report: SummaryReport) {
    var files = report.contents
    files.append((name: "summary.zip", bytes: Archive.zip(files)))
    guard case .object(let fields) = report.json.without("path") else { preconditionFailure("an object") }
    json = .object(fields + [("files", .array(files.map { .string($0.name) }))])
    self.files = files
  }
}
