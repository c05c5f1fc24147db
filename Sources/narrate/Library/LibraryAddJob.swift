import Algorithms
import Catalogue
import Compute
import Files
import Foundation
import Models
import Narration
import Reports
import SystemPackage

/// The work of `narrate library add`.
struct LibraryAddJob {
  let catalogue: Catalogue
  let inputs: [Input]
  /// Those that were gone through whole.
  let folders: [GivenPath]
  let retriesFailed: Bool

  /// What the last line tells.
  private struct Tally {
    var added = 0, known = 0, unchanged = 0, gone = 0, failed = 0

    var line: String {
      "\(added) added, \(known) known, \(unchanged) unchanged, \(gone) gone, \(failed) failed\n"
    }
  }

  /// - Parameter load: given how many files there may be to describe, loads the models
  func run(
    console: Console, _ load: (Int) throws -> (pool: [PictureDescriber], labeler: ActionEngine?)
  ) throws -> RunStatus {
    var (tally, fresh, seen) = (Tally(), [(Input, FoundFile)](), Set<[UInt8]>())
    for input in inputs {
      try Interruption.check()
      let file: FoundFile
      do throws(InputFailure) {
        if let failure = input.failure { throw failure }
        file = try Self.file(input)
      } catch {
        tally.failed += 1
        console.report(input.path, error)
        continue
      }
      seen.insert(catalogue.mark(input.path))
      if try catalogue.isKnown(file, retriesFailed: retriesFailed) {
        tally.unchanged += 1
      } else {
        fresh.append((input, file))
      }
    }
    if !fresh.isEmpty { try describe(fresh, &tally, console, load) }
    // A folder that could not be read whole says nothing of what is gone.
    let isWhole = inputs.allSatisfy { $0.failure == nil || $0.failure?.kind == .empty }
    if isWhole { tally.gone = try catalogue.markGone(in: folders, except: seen) }
    try catalogue.pack()
    console.finish()
    try ResultOutput(path: nil).write(Array(tally.line.utf8))
    return tally.failed > 0 ? .someInputsFailed : .success
  }

  private static func file(_ input: Input) throws(InputFailure) -> FoundFile {
    do {
      let status = try input.path.location.stat()
      let time = status.st_mtim
      return FoundFile(
        path: input.path, size: Int64(status.size),
        // Wraps at a time that no file has.
        modified: Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec))
    } catch {
      throw .unreadable(error.rawValue)
    }
  }

  private enum Outcome: Sendable {
    case addition(Catalogue.Addition, failure: InputFailure?)
    case failed(InputFailure)
  }

  private func describe(
    _ fresh: [(Input, FoundFile)], _ tally: inout Tally, _ console: Console,
    _ load: (Int) throws -> (pool: [PictureDescriber], labeler: ActionEngine?)
  ) throws {
    let (pool, labeler) = try load(fresh.count)
    let model = try catalogue.add(pool[0].describingModel)
    let shared = labeler.map(SharedLabeler.init)
    let workers = pool.map { LibraryWorker($0, shared, catalogue, retriesFailed: retriesFailed) }
    var progress = ProgressBar(task: "add", done: 0, total: fresh.count, seconds: 0)
    let start = ContinuousClock.now
    var waiting: [Catalogue.Addition] = []
    let batch = CaptionEngine.batch(of: fresh.count, workers: pool.count)
    func flush() throws(CatalogueError) {
      try catalogue.add(waiting, model: model)
      waiting = []
    }
    console.show(progress)
    do {
      try parallelStream(
        fresh.chunks(ofCount: batch).map { Array($0) }, by: workers, check: { try Interruption.check() },
        work: { worker, files in try worker.describe(files) },
        receive: { files, outcomes in
          for ((input, _), outcome) in zip(files, outcomes) {
            try Interruption.check()
            if let addition = outcome.addition {
              if case .known = addition {
                tally.known += 1
              } else if outcome.failure == nil {
                tally.added += 1
              }
              waiting.append(addition)
            }
            if let failure = outcome.failure {
              tally.failed += 1
              console.report(input.path, failure)
            }
            progress.done += 1
            progress.seconds = (ContinuousClock.now - start) / .seconds(1)
            console.show(progress)
          }
          if waiting.count >= 64 { try flush() }
        })
    } catch {
      // What was described is kept.
      try? flush()
      throw error
    }
    try flush()
  }
}

/// The one label model, for all threads in turn: it has cores of its own.
///
/// `@unchecked Sendable`: the lock lets one thread in at a time.
final class SharedLabeler: @unchecked Sendable {
  private let engine: ActionEngine
  private let lock = NSLock()

  init(_ engine: ActionEngine) { self.engine = engine }

  /// Labels that are said firmly anywhere in a video, longest first.
  func labels(ofVideo path: String) throws -> [String] {
    try lock.withLock {
      let labeling = try engine.label(contentsOf: path) { _, _ in try Interruption.check() }
      var seconds: [String: Double] = [:]
      for interval in labeling.intervals {
        seconds[interval.label, default: 0] += interval.end - interval.start
      }
      return seconds.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.prefix(10).map(\.key)
    }
  }
}

/// Describes files that the catalogue does not have; one a thread.
final class LibraryWorker {
  private let describer: PictureDescriber
  private let labeler: SharedLabeler?
  private let catalogue: Catalogue
  private let retriesFailed: Bool
  private let reader = ContentReader()

  init(_ describer: PictureDescriber, _ labeler: SharedLabeler?, _ catalogue: Catalogue, retriesFailed: Bool)
  {
    (self.describer, self.labeler, self.catalogue) = (describer, labeler, catalogue)
    self.retriesFailed = retriesFailed
  }

  struct Outcome: Sendable {
    var addition: Catalogue.Addition?
    var failure: InputFailure?
  }

  func describe(_ files: [(Input, FoundFile)]) throws -> [Outcome] {
    var outcomes = [Outcome](repeating: Outcome(), count: files.count)
    var (wanted, keys) = ([Int](), [ContentKey]())
    for (index, (input, file)) in files.enumerated() {
      let key: ContentKey?
      do throws(FileError) {
        key = try reader.key(of: OpenFile(regular: input.path.location, knownAs: input.path.text))
      } catch {
        outcomes[index].failure = .unreadable(error.code)
        continue
      }
      guard let key else { continue }
      if let content = try catalogue.described(key, retriesFailed: retriesFailed) {
        outcomes[index].addition = .known(file, content: content)
      } else {
        wanted.append(index)
        keys.append(key)
      }
    }
    guard !wanted.isEmpty else { return outcomes }
    let results = try describer.describe(wanted.map { files[$0].0 })
    for (index, (key, result)) in zip(wanted, zip(keys, results)) {
      let (input, file) = files[index]
      switch result {
      case .success(let described):
        outcomes[index].addition = .new(file, key, try description(described, input))
      case .failure(let failure):
        var description = Description()
        description.failure = (failure.kind.rawValue, failure.message)
        // What cannot be read now may be read later, and nothing is known of its bytes.
        if failure.kind != .unreadable, failure.kind != .missing {
          outcomes[index].addition = .new(file, key, description)
        }
        outcomes[index].failure = failure
      }
    }
    return outcomes
  }

  private func description(_ described: CaptionResult.Described, _ input: Input) throws -> Description {
    let best = described.captions[0]
    var description = Description()
    description.isVideo = !described.stretches.isEmpty
    (description.width, description.height) = (described.width, described.height)
    (description.isDamaged, description.caption) = (described.isDamaged, best.told)
    (description.confidence, description.isUnsure) = (best.confidence, best.isUnsure)
    description.tags = best.tags.map(\.text)
    description.mean = best.findings?.mean ?? []
    description.words = best.findings?.wordLogits ?? []
    if description.isVideo, let labeler {
      description.labels = (try? input.path.withReadableText { try labeler.labels(ofVideo: $0) }) ?? []
    }
    return description
  }
}
