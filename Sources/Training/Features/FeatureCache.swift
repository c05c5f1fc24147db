import Compute
import Datasets
import Foundation
import Media
import Models
import Narration
import Networks
import Tensors

/// What a feature store is to hold, and how it is made.
struct FeatureRequest<Encoder> {
  /// What the records are of, in their order.
  let files: [SourceFile]
  let variant: FeatureStoreLayout.Variant
  /// The file that lists them.
  let source: String
  let split: String
  /// Rows of a record.
  let positions: Int
  /// Records that are made at once, as those of a video's frames; all records, in their order.
  let groups: [Range<Int>]
  /// Groups that a worker makes between two reports.
  let groupsPerReport: Int
  /// Makes the records of a group, with an encoder that no one else uses meanwhile, and hands them on.
  let encode: @Sendable (Encoder, Range<Int>, (Int, Rows) throws -> Void) throws -> Void
}

extension FeatureRequest where Encoder == GridEncoder {
  /// A record for each picture, each frame of a clip, and each of `framesPerVideo` frames of a video.
  /// - Parameters:
  ///   - examples: of one split, not empty
  ///   - source: the file that lists them
  init(
    _ examples: [CaptionDataset.Example], _ variant: FeatureStoreLayout.Variant, source: String,
    framesPerVideo: Int, network: EfficientNetLite
  ) {
    var (files, groups, video) = ([SourceFile](), [Range<Int>](), [Int: String]())
    for example in examples {
      let first = files.count
      let paths =
        example.isVideo
        ? Array(repeating: example.files[0], count: framesPerVideo) : example.files
      files += paths.enumerated().map { index, path in
        SourceFile(id: paths.count == 1 ? example.id : "\(example.id) \(index)", path: path)
      }
      if example.isVideo {
        video[first] = example.files[0]
        groups.append(first..<files.count)
      } else {
        groups += (first..<files.count).map { $0..<$0 + 1 }
      }
    }
    self.init(
      files: files, variant: variant, source: source, split: examples[0].split,
      positions: network.gridSide * network.gridSide, groups: groups, groupsPerReport: 32
    ) { [files, video] encoder, records, write in
      let side = network.inputSize
      let images =
        try video[records.lowerBound].map {
          try evenFrames(of: $0, count: framesPerVideo, coveringSide: side)
        }
        ?? records.map {
          try Picture(contentsOf: files[$0].path, options: DecodeOptions(coveringSide: side)).image
        }
      for (record, image) in zip(records, images) {
        try write(record, encoder.encode(variant == .flipped ? image.mirrored : image))
      }
    }
  }
}

/// The folder of feature stores: opens those that are there, makes those that are not.
struct FeatureCache<Encoder> {
  private let folder: URL
  private let channels: Int
  private let identity: String
  private let threads: Int
  private let report: (TrainingEvent) throws -> Void
  private let encoders: (_ count: Int) throws -> [Encoder]

  /// - Parameters:
  ///   - channels: width of the features
  ///   - identity: names the encoder and its weights.
  ///   - encoders: makes so many encoders, ready to run at the same time.
  init(
    folder: URL, channels: Int, identity: String, threads: Int,
    report: @escaping (TrainingEvent) throws -> Void, encoders: @escaping (_ count: Int) throws -> [Encoder]
  ) {
    (self.folder, self.channels, self.encoders) = (folder, channels, encoders)
    (self.identity, self.threads, self.report) = (identity, threads, report)
  }

  /// A store for each request. Room for all of them is taken before the first is filled; where it is lacking, nothing is
  /// left behind.
  func stores(_ requests: [FeatureRequest<Encoder>]) throws -> [FeatureStore] {
    let layouts = requests.map { request in
      FeatureStoreLayout(
        request.variant, encoder: identity, positions: request.positions, channels: channels,
        files: request.files)
    }
    let paths = requests.map(path)
    var writers: [String: FeatureStoreWriter] = [:]
    do {
      for (path, layout) in zip(paths, layouts)
      where writers[path] == nil && (try? FeatureStore(path, layout)) == nil {
        writers[path] = try FeatureStoreWriter(path, layout)
      }
    } catch {
      for writer in writers.values { writer.discardIfNew() }
      throw error
    }
    let workers = writers.isEmpty ? [] : try ThreadTeam.single.run { try encoders(threads) }
    for (request, path) in zip(requests, paths) {
      guard let writer = writers.removeValue(forKey: path) else { continue }
      try fill(writer, request, workers)
    }
    return try zip(paths, layouts).map { try FeatureStore($0, $1) }
  }

  /// Writes the records that a store lacks, and those of their groups.
  /// - Throws: the first picture's or file's error.
  private func fill(_ writer: FeatureStoreWriter, _ request: FeatureRequest<Encoder>, _ workers: [Encoder])
    throws
  {
    let missing = Set(writer.missing)
    let groups = request.groups.filter { $0.contains(where: missing.contains) }
    var done = request.files.count - missing.count
    var told = 0
    try parallelMap(
      groups, by: workers, chunk: request.groupsPerReport * workers.count,
      progress: { count in
        done += groups[told..<count].reduce(0) { $0 + $1.count(where: missing.contains) }
        told = count
        try report(
          .encoding(name: "\(request.split), \(request.variant)", done: done, of: request.files.count))
      },
      work: { [encode = request.encode] encoder, group in
        try encode(encoder, group) { try writer.write($0, $1) }
      })
    try writer.finish()
  }

  private func path(_ request: FeatureRequest<Encoder>) -> String {
    let tag = Array("\(request.source)\u{0}\(identity)".utf8).withUnsafeBytes { XXHash64.hexadecimal($0) }
    return folder.appendingPathComponent("\(tag)-\(request.split)-\(request.variant).features").path
  }
}
