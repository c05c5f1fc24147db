import Files
import Foundation
import SystemPackage

extension CaptionDataset {
  /// A data set as `--data` names it: a folder with `captions.tsv` or one Karpathy `dataset_*.json`, pictures
  /// in `images/`; or such a Karpathy file itself, pictures in `images/` beside it.
  package init(at url: URL) throws {
    let path = url.path
    if DataFile.exists(path) {
      self = try CaptionDataset(karpathy: url, images: Self.images(url.deletingLastPathComponent()))
      return
    }
    guard FilePath(path).isFolder else { throw DataError(.missing, path: path, reason: "no such folder") }
    let table = url.appendingPathComponent("captions.tsv", isDirectory: false)
    if DataFile.exists(table.path) {
      self = try CaptionDataset(table: table, images: Self.images(url))
      return
    }
    let names = try FileManager.default.contentsOfDirectory(atPath: path).sorted()
    let splits = names.filter { $0.hasPrefix("dataset") && $0.hasSuffix(".json") }
    guard splits.count < 2 else {
      throw DataError(
        .damaged, path: path, reason: "holds \(splits.joined(separator: ", ")); name the one that is meant")
    }
    if let name = splits.first {
      self = try CaptionDataset(karpathy: url.appendingPathComponent(name), images: Self.images(url))
    } else if names.contains("labels.tsv") {
      throw DataError(.unsupported, path: path, reason: "holds labels, not captions")
    } else {
      throw DataError(.missing, path: path, reason: "holds neither captions.tsv nor dataset_*.json")
    }
  }

  /// A tab-separated, unquoted UTF-8 file with the header `image split caption` or `clip split caption`, one caption a
  /// line. The frames of clips stand in `frames.tsv` beside it (`clip frame file`); other clips are videos, by their
  /// paths from the table's folder or from its `clips/`.
  package init(table: URL, images: URL) throws {
    let bytes = try DataFile.bytes(table.path, longestLine: DataFile.longestLine)
    var parser = CaptionTable(table, images: images)
    try bytes.withUnsafeBytes { try parser.read($0) }
    self = parser.gatherer.dataset()
  }

  private static func images(_ folder: URL) -> URL {
    folder.appendingPathComponent("images", isDirectory: true)
  }
}

/// Reads `captions.tsv` byte by byte, for speed: a `"` is an ordinary character.
private struct CaptionTable {
  private typealias Bytes = UnsafeRawBufferPointer

  let path: String
  var gatherer: CaptionGatherer
  private var line = 0
  /// The picture of the line before: most files list a picture's captions one after the other.
  private var last: (id: [UInt8], split: [UInt8], entry: Int)?
  private let images: String
  private let folder: URL
  /// The files of each clip's frames; nil for pictures.
  private var frames: [String: [String]]?

  init(_ table: URL, images: URL) {
    (path, self.images, folder) = (table.path, images.path, table.deletingLastPathComponent())
    gatherer = CaptionGatherer(path: path)
  }

  mutating func read(_ bytes: UnsafeRawBufferPointer) throws {
    // A byte order mark at the beginning is not part of the header.
    var start = bytes.starts(with: [0xef, 0xbb, 0xbf]) ? 3 : 0
    while start < bytes.count {
      let end = bytes.first(UInt8(ascii: "\n"), from: start) ?? bytes.count
      line += 1
      let isReturn = end > start && bytes[end - 1] == UInt8(ascii: "\r")
      let content = Bytes(rebasing: bytes[start..<(isReturn ? end - 1 : end)])
      if line == 1 { try readHeader(content) } else { try readLine(content) }
      start = end + 1
    }
    if line == 0 { throw DataError(.damaged, path: path, reason: "empty file") }
  }

  private mutating func readHeader(_ content: Bytes) throws {
    let names = try content.split(separator: Self.tab, omittingEmptySubsequences: false).map {
      try text(Bytes(rebasing: $0))
    }
    if names == ["clip", "split", "caption"] {
      let table = folder.appendingPathComponent("frames.tsv", isDirectory: false)
      frames = DataFile.exists(table.path) ? try ClipFrames(contentsOf: table).files : [:]
      return
    }
    guard names == ["image", "split", "caption"] else {
      throw DataError(
        .damaged, path: path, location: "line 1",
        reason:
          "the header must be image (or clip), split and caption between tabs; it is: \(names.joined(separator: " "))"
      )
    }
  }

  private mutating func readLine(_ content: Bytes) throws {
    guard let first = content.first(Self.tab, from: 0),
      let second = content.first(Self.tab, from: first + 1),
      content.first(Self.tab, from: second + 1) == nil
    else {
      let columns = content.count { $0 == Self.tab } + 1
      throw DataError(
        .damaged, path: path, location: location, reason: "3 columns expected, \(columns) found")
    }
    let (id, split) = (content[..<first], content[(first + 1)..<second])
    let location = { [line] in "line \(line)" }
    let entry: Int
    if let last, last.id.elementsEqual(id), last.split.elementsEqual(split) {
      entry = last.entry
    } else {
      let name = try text(Bytes(rebasing: id))
      let video = frames.flatMap { $0[name] == nil ? DataFile.clip(name, in: folder) : nil }
      let files = video.map { [$0] } ?? frames.map { $0[name] ?? [] } ?? ["\(images)/\(name)"]
      let split = try text(Bytes(rebasing: split))
      guard split.isEmpty || Self.splits.contains(split) else {
        throw DataError(
          .damaged, path: path, location: self.location,
          reason: "unknown split \(split); there are: \(Self.splits.joined(separator: ", "))")
      }
      entry = try gatherer.entry(name, files: files, isVideo: video != nil, split: split, location: location)
      last = (Array(id), Array(split.utf8), entry)
    }
    try gatherer.append(try text(Bytes(rebasing: content[(second + 1)...])), to: entry, location: location)
  }

  private static let splits = ["train", "val", "test", "none"]
  private static let tab = UInt8(ascii: "\t")
  private var location: String { "line \(line)" }

  private func text(_ field: Bytes) throws -> String {
    guard let text = String(validating: field, as: UTF8.self) else {
      throw DataError(.damaged, path: path, location: location, reason: "not UTF-8")
    }
    return text
  }
}
