import Compute
import Datasets
import Files
import Foundation
import Media
import Models
import Narration
import Networks
import SystemPackage
import Tensors

/// The cached features of a data set's clips: `[rows, channels]` for each. With an encoder of single pictures a row is a
/// frame, evenly over the clip; with one of windows the rows are the steps of its windows.
struct ClipFeatures {
  let training: [ActionDataset.Example]
  let validation: [ActionDataset.Example]
  /// Of each training clip, its record in the stores.
  private let records: [Int]
  private let originals: FeatureStore
  private let flipped: FeatureStore?
  private let held: FeatureStore
  /// Rows of a clip, and of what the network sees at once.
  private let (rows, steps): (Int, Int)
  private let encoder: ActionEncoder
  /// Names the encoder, the sampling and the clips.
  let identity: String

  init(
    _ data: ActionDataset, _ settings: ActionSettings, weights file: SafetensorsFile,
    cache folder: URL, threads: Int, report: @escaping (TrainingEvent) throws -> Void
  ) throws {
    let all = data.examples.filter { $0.split == "train" }
    validation = data.examples.filter { $0.split == "val" }
    records = Self.chosen(all, perLabel: settings.sampling.clipsPerLabel, seed: settings.seed)
    training = records.map { all[$0] }
    let (encoder, sampling) = (settings.actionEncoder, settings.sampling)
    self.encoder = encoder
    steps = settings.model(labels: data.labels.count).steps
    let windows: @Sendable (String) throws -> [[Image]]
    let kept: String
    switch encoder {
    case .efficientNet:
      rows = sampling.framesPerClip
      kept = "\(sampling.framesPerClip) frames a clip"
      windows = {
        [try evenFrames(of: $0, count: sampling.framesPerClip, coveringSide: encoder.coveringSide)]
      }
    case .i3d:
      rows = sampling.windowsPerClip * I3D.steps
      kept = "\(sampling.windowsPerClip) windows a clip"
      windows = { try evenWindows(of: $0, count: sampling.windowsPerClip) }
    }
    let identity =
      "\(settings.encoder.architecture.rawValue) \(encoder.inputSize) px, \(kept) \(file.contentDigest)"
    self.identity = identity
    try FilePath(folder.path).makeFolder()
    let cache = FeatureCache(
      folder: folder, channels: encoder.channels, identity: identity, threads: threads, report: report
    ) { count in
      let first = try encoder.compiled(weights: file, Engine())
      return try [first] + (1..<count).map { _ in try first.copy() }
    }
    let rows = rows
    func request(_ examples: [ActionDataset.Example], _ variant: FeatureStoreLayout.Variant)
      -> FeatureRequest<any WindowEncoder>
    {
      Self.request(
        examples, variant, source: data.path, rows: rows, channels: encoder.channels, windows: windows)
    }
    var requests = [request(validation, .original), request(all, .original)]
    if sampling.flips { requests.append(request(all, .flipped)) }
    let stores = try cache.stores(requests)
    (held, originals, flipped) = (stores[0], stores[1], sampling.flips ? stores[2] : nil)
  }

  /// - Parameter windows: the pictures of a file's windows
  private static func request(
    _ examples: [ActionDataset.Example], _ variant: FeatureStoreLayout.Variant, source: String, rows: Int,
    channels: Int, windows: @escaping @Sendable (String) throws -> [[Image]]
  ) -> FeatureRequest<any WindowEncoder> {
    FeatureRequest(
      files: examples.map { SourceFile(id: $0.id, path: $0.path) }, variant: variant, source: source,
      split: examples[0].split, positions: rows, groups: examples.indices.map { $0..<$0 + 1 },
      groupsPerReport: 1
    ) { network, records, write in
      let windows = try windows(examples[records.lowerBound].path)
      let steps = rows / windows.count
      var features = Tensor(shape: [rows, channels])
      for (index, images) in windows.enumerated() {
        network.encode(
          images: variant == .flipped ? images.map(\.mirrored) : images,
          into: features.mutableRows[index * steps..<(index + 1) * steps])
      }
      try write(records.lowerBound, features.rows)
    }
  }

  /// A few clips of each label at random, in their order; all if `perLabel` is 0.
  private static func chosen(_ examples: [ActionDataset.Example], perLabel: Int, seed: UInt64) -> [Int] {
    var order = Array(examples.indices)
    guard perLabel > 0 else { return order }
    var random = RandomGenerator(seed: seed ^ 0x6665_7773_686f_7400)
    random.shuffle(&order)
    var taken: [Int: Int] = [:]
    return order.filter {
      taken[examples[$0].label, default: 0] += 1
      return taken[examples[$0].label, default: 0] <= perLabel
    }.sorted()
  }

  /// What the network sees of a training clip: a random stretch of it or one of its windows, perhaps mirrored.
  /// - Parameter window: [steps, channels], overwritten
  func drawTraining(_ index: Int, _ random: inout RandomGenerator, into window: MutableRows) throws {
    let (start, span): (Int, Int)
    switch encoder {
    case .efficientNet:
      span = steps + random.integer(below: rows - steps + 1)
      start = random.integer(below: rows - span + 1)
    case .i3d:
      (start, span) = (random.integer(below: rows / steps) * steps, steps)
    }
    let isFlipped = random.integer(below: 2) == 1
    let store = isFlipped ? flipped ?? originals : originals
    try read(store, records[index], start: start, span: span, into: window)
  }

  /// What it sees of a validation clip: frames evenly over the whole, or a window in its middle.
  /// - Parameter window: [steps, channels], overwritten
  func readValidation(_ index: Int, into window: MutableRows) throws {
    switch encoder {
    case .efficientNet: try read(held, index, start: 0, span: rows, into: window)
    case .i3d: try read(held, index, start: rows / steps / 2 * steps, span: steps, into: window)
    }
  }

  private func read(
    _ store: FeatureStore, _ record: Int, start: Int, span: Int, into window: MutableRows
  ) throws {
    try withUnsafeTemporaryAllocation(of: Float.self, capacity: store.layout.valuesPerRecord) { all in
      guard let base = all.baseAddress else { return }
      let all = MutableRows(base, rows: store.layout.positions, columns: store.layout.channels)
      try store.read(record, into: all)
      for step in 0..<steps {
        let row = start + (steps == 1 ? span / 2 : step * (span - 1) / (steps - 1))
        window[step..<step + 1].copy(from: Rows(all[row..<row + 1]))
      }
    }
  }
}
