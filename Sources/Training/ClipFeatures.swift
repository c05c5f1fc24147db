import Files
import Foundation
import Media
import Narration
import Networks
import Tensors

/// The cached features of a data set's clips: frames evenly over each clip, `[framesPerClip, channels]`.
struct ClipFeatures {
  let training: [LabelDataset.Example]
  let validation: [LabelDataset.Example]
  private let originals: FeatureStore
  private let flipped: FeatureStore?
  private let held: FeatureStore
  private let sampling: LabelConfiguration.Sampling
  /// Names the encoder, the sampling and the clips.
  let identity: String

  init(
    _ data: LabelDataset, _ configuration: LabelConfiguration, network: EfficientNetLite,
    encoder file: SafetensorsFile,
    cache folder: URL, threads: Int, report: @escaping (TrainingEvent) throws -> Void
  ) throws {
    training = data.examples.filter { $0.split == "train" }
    validation = data.examples.filter { $0.split == "val" }
    sampling = configuration.sampling
    let count = sampling.framesPerClip
    let identity =
      "\(network.architecture.rawValue) \(network.inputSize) px, \(count) frames a clip \(file.contentDigest)"
    self.identity = identity
    try FilePath(folder.path).makeFolder()
    let cache = FeatureCache(
      folder: folder, network: network, weights: file, identity: identity, threads: threads, report: report)
    func request(_ examples: [LabelDataset.Example], _ variant: FeatureStoreLayout.Variant) -> FeatureRequest
    {
      FeatureRequest(
        files: examples.map { SourceFile(id: $0.id, path: $0.path) }, variant: variant, source: data.path,
        split: examples[0].split, positions: count, groups: examples.indices.map { $0..<$0 + 1 }
      ) { encoder, records, write in
        let record = records.lowerBound
        let images = try evenFrames(
          of: examples[record].path, count: count, coveringSide: network.inputSize)
        var features = [Float](repeating: 0, count: count * EfficientNetLite.channels)
        try features.withUnsafeMutableBufferPointer { buffer in
          guard let base = buffer.baseAddress else { return }
          for (index, image) in images.enumerated() {
            encoder.pooled(
              variant == .flipped ? image.mirrored : image, into: base + index * EfficientNetLite.channels)
          }
          try write(record, base)
        }
      }
    }
    var requests = [request(validation, .original), request(training, .original)]
    if sampling.flips { requests.append(request(training, .flipped)) }
    let stores = try cache.stores(requests)
    (held, originals, flipped) = (stores[0], stores[1], sampling.flips ? stores[2] : nil)
  }

  /// A clip of a training batch: a random stretch of it, perhaps mirrored.
  func drawTraining(_ index: Int, _ random: inout RandomGenerator, into window: UnsafeMutablePointer<Float>)
    throws
  {
    let (all, wanted) = (sampling.framesPerClip, sampling.framesPerWindow)
    let span = wanted + random.integer(below: all - wanted + 1)
    let start = random.integer(below: all - span + 1)
    let isFlipped = random.integer(below: 2) == 1
    try read(isFlipped ? flipped ?? originals : originals, index, start: start, span: span, into: window)
  }

  /// A validation clip, frames evenly over the whole.
  func readValidation(_ index: Int, into window: UnsafeMutablePointer<Float>) throws {
    try read(held, index, start: 0, span: sampling.framesPerClip, into: window)
  }

  private func read(
    _ store: FeatureStore, _ record: Int, start: Int, span: Int, into window: UnsafeMutablePointer<Float>
  ) throws {
    let (wanted, channels) = (sampling.framesPerWindow, EfficientNetLite.channels)
    try withUnsafeTemporaryAllocation(of: Float.self, capacity: store.layout.valuesPerRecord) { all in
      guard let base = all.baseAddress else { return }
      try store.read(record, into: base)
      for step in 0..<wanted {
        let frame = start + (wanted == 1 ? span / 2 : step * (span - 1) / (wanted - 1))
        (window + step * channels).update(from: base + frame * channels, count: channels)
      }
    }
  }
}

/// Frames evenly over a whole clip: one in the middle of each of `count` equal parts. A clip of fewer frames repeats some.
func evenFrames(of path: String, count: Int, coveringSide: Int) throws -> [Image] {
  // The container's length can be wrong or missing: the first pass counts.
  let first = try VideoFile(contentsOf: path)
  var total = 0
  while try first.advance() != nil { total += 1 }
  guard total > 0 else { throw MediaError.undecodable(path: path, reason: "no frame in it") }
  let video = try VideoFile(contentsOf: path, options: VideoOptions(coveringSide: coveringSide))
  var images: [Image] = []
  var index = 0
  while images.count < count, try video.advance() != nil {
    let image = (2 * images.count + 1) * total / (2 * count) == index ? try video.image() : nil
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
