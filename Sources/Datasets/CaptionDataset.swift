import Foundation
import Language

/// Pictures and clips with what people wrote about them, in a fixed order.
package struct CaptionDataset: Sendable {
  /// A picture or a clip, and its captions.
  package struct Example: Sendable, Equatable {
    /// The name of the image file, or of the clip, as the data set gives it.
    package let id: String
    /// What the data set knows it by: COCO's `id`, a number as a rule, Karpathy's `cocoid` or else `imgid`.
    package let number: String?
    /// The paths of the files: one of a picture or of a video, a clip's frames in order of time.
    package let files: [String]
    /// Whether the file is a video, of which frames are to be taken.
    package let isVideo: Bool
    /// What the picture is for: `train`, `val`, `test`.
    package let split: String
    /// As people wrote them, in the order of the file; at least one, none empty.
    package let captions: [String]
    /// Where the file lists it first, for messages.
    package let location: String?

    package init(
      id: String, number: String? = nil, files: [String], isVideo: Bool = false, split: String,
      captions: [String], location: String? = nil
    ) {
      self.id = id
      self.number = number
      self.files = files
      self.isVideo = isVideo
      self.split = split
      self.captions = captions
      self.location = location
    }
  }

  /// The file that lists the captions, for messages.
  package let path: String
  /// Sorted by `id`.
  package let examples: [Example]

  /// The name of its folder: what the style of its captions is called.
  package var name: String { URL(fileURLWithPath: path).deletingLastPathComponent().lastPathComponent }

  /// What people wrote about the pictures of one split, whether these are there or not.
  /// - Parameter split: nil takes them all.
  /// - Throws: `DataError` when the split is empty.
  package func captions(in split: String?) throws -> [Example] {
    guard let split else { return examples }
    let chosen = examples.filter { $0.split == split }
    guard !chosen.isEmpty else {
      let others = splits.joined(separator: ", ")
      throw DataError(.damaged, path: path, reason: "no examples in split \(split); there are: \(others)")
    }
    return chosen
  }

  /// The names of the splits, sorted.
  package var splits: [String] { Set(examples.map(\.split)).sorted() }

  /// The pictures of one split, all of them there.
  /// - Throws: `DataError` when the split is empty, or names pictures that are not there.
  package func examples(in split: String) throws -> [Example] {
    let chosen = try captions(in: split)
    if let clip = chosen.first(where: \.files.isEmpty) {
      throw DataError(
        .damaged, path: path, location: clip.location,
        reason: "clip \(clip.id) has no frames in frames.tsv, and is no file in clips")
    }
    let files = chosen.flatMap(\.files)
    let absent = files.filter { !DataFile.exists($0) }
    if let first = absent.first {
      let those = absent.count == 1 ? "1 image" : "\(absent.count) images"
      throw DataError(
        .missing, path: path, location: chosen.first { $0.files.contains(first) }?.location,
        reason: "\(those) of \(files.count) in split \(split) not found, first: \(first)")
    }
    return chosen
  }
}

extension CaptionDataset {
  /// These examples and those of another set, which must be other pictures.
  package func joined(_ other: CaptionDataset) throws -> CaptionDataset {
    let mine = Set(examples.map(\.id))
    if let twice = other.examples.first(where: { mine.contains($0.id) }) {
      throw DataError(.damaged, path: other.path, reason: "image \(twice.id) is in \(path) too")
    }
    return CaptionDataset(path: path, examples: (examples + other.examples).sorted { $0.id < $1.id })
  }
}

/// Gathers captions by picture, whatever the order of the file.
struct CaptionGatherer {
  private struct Entry {
    let number: String?
    let files: [String]
    let isVideo: Bool
    let split: String
    let location: String
    var captions: [String]
  }

  private let path: String
  private var entries: [ExactString: Int] = [:]
  private var ids: [String] = []
  private var gathered: [Entry] = []

  init(path: String) { self.path = path }

  /// The location of a picture, for `append`.
  mutating func entry(
    _ id: String, number: String? = nil, files: [String], isVideo: Bool = false, split: String,
    location: () -> String
  ) throws -> Int {
    if let known = entries[ExactString(id)] {
      guard gathered[known].split == split else {
        throw DataError(
          .damaged, path: path, location: location(),
          reason: "image \(id) is listed in two splits, \(gathered[known].split) and \(split)")
      }
      return known
    }
    guard !id.isEmpty else {
      throw DataError(.damaged, path: path, location: location(), reason: "empty image name")
    }
    guard !split.isEmpty else {
      throw DataError(.damaged, path: path, location: location(), reason: "empty split")
    }
    entries[ExactString(id)] = gathered.count
    ids.append(id)
    gathered.append(
      Entry(
        number: number, files: files, isVideo: isVideo, split: split, location: location(), captions: []))
    return gathered.count - 1
  }

  mutating func append(_ caption: String, to entry: Int, location: () -> String) throws {
    guard caption.utf8.contains(where: { $0 > 0x20 }) else {
      throw DataError(.damaged, path: path, location: location(), reason: "empty caption")
    }
    if let complaint = CaptionLength.complaint(caption) {
      throw DataError(.damaged, path: path, location: location(), reason: complaint)
    }
    gathered[entry].captions.append(caption)
  }

  /// Everything gathered. Pictures without a caption are left out.
  func dataset() -> CaptionDataset {
    let order = gathered.indices.filter { !gathered[$0].captions.isEmpty }.sorted { ids[$0] < ids[$1] }
    return CaptionDataset(
      path: path,
      examples: order.map { index in
        let entry = gathered[index]
        return CaptionDataset.Example(
          id: ids[index], number: entry.number,
          files: entry.files, isVideo: entry.isVideo,
          split: entry.split,
          captions: entry.captions, location: entry.location)
      })
  }
}
