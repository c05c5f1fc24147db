import Compute
import Datasets
import Foundation
import Media

/// The clips that shots are made of, in memory: those of a folder with `labels.tsv`.
package struct ShotData: Sendable {
  package let training: [ShotComposer.Clip]
  package let validation: [ShotComposer.Clip]
  /// Names the clips.
  let identity: String

  /// Decodes every clip of the splits, two or more of each.
  package init(
    at folder: URL, splits: [String] = ["train", "val"], threads: Int,
    report: (TrainingEvent) throws -> Void
  ) throws {
    let data = try ActionDataset(at: folder)
    let examples = data.examples.filter { splits.contains($0.split) }
    let all = try parallelMap(
      examples, by: [Void](repeating: (), count: threads), chunk: 16 * threads,
      progress: { try report(.encoding(name: "clips", done: $0, of: examples.count)) },
      work: { _, example in try Self.clip(example) })
    func clips(_ split: String) throws -> [ShotComposer.Clip] {
      guard splits.contains(split) else { return [] }
      let clips = zip(examples, all).filter { $0.0.split == split }.map(\.1)
      guard clips.count > 1 else {
        throw DataError(.damaged, path: data.path, reason: "two clips or more are needed in split \(split)")
      }
      return clips
    }
    (training, validation) = (try clips("train"), try clips("val"))
    identity = examples.map { "\($0.id) \($0.split) \($0.label)" }.joined(separator: "\n")
  }

  private static func clip(_ example: ActionDataset.Example) throws -> ShotComposer.Clip {
    let options = VideoOptions(coveringSide: ShotComposer.Clip.height)
    let stream = try FrameStream(contentsOf: example.path, options: options)
    var frames: [Image] = []
    while try stream.next() != nil { frames.append(try stream.image()) }
    guard frames.count > 1 else {
      throw MediaError.undecodable(path: example.path, reason: "fewer than two frames in it")
    }
    return ShotComposer.Clip(frames: frames, label: example.label)
  }
}
