import Files
import Foundation

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

  /// A tab-separated, unquoted UTF-8 file with the header `image split caption`, one caption a line.
  package init(table: URL, images: URL) throws {
    let bytes = try DataFile.bytes(table.path)
    var parser = CaptionTable(path: table.path, images: images)
    try bytes.withUnsafeBufferPointer { try parser.read($0) }
    self = parser.gatherer.dataset()
  }

  private static func images(_ folder: URL) -> URL {
    folder.appendingPathComponent("images", isDirectory: true)
  }
}

/// Reads `captions.tsv` byte by byte, for speed: a `"` is an ordinary character.
private struct CaptionTable {
  let path: String
  var gatherer: CaptionGatherer
  private var line = 0
  /// The picture of the line before: most files list a picture's captions one after the other.
  private var last: (id: [UInt8], split: [UInt8], entry: Int)?

  init(path: String, images: URL) {
    self.path = path
    gatherer = CaptionGatherer(path: path, images: images)
  }

  mutating func read(_ bytes: UnsafeBufferPointer<UInt8>) throws {
    // A byte order mark at the beginning is not part of the header.
    var rest = bytes.starts(with: [0xef, 0xbb, 0xbf]) ? bytes[3...] : bytes[...]
    while !rest.isEmpty {
      let end = rest.firstIndex(of: UInt8(ascii: "\n")) ?? rest.endIndex
      line += 1
      var content = rest[..<end]
      if content.last == UInt8(ascii: "\r") { content = content.dropLast() }
      if line == 1 { try readHeader(content) } else { try readLine(content) }
      rest = end < rest.endIndex ? rest[(end + 1)...] : rest[end...]
    }
    if line == 0 { throw DataError(.damaged, path: path, reason: "empty file") }
  }

  private func readHeader(_ content: Slice<UnsafeBufferPointer<UInt8>>) throws {
    let names = try columns(content).map { try text($0) }
    if names == ["clip", "split", "caption"] {
      throw DataError(
        .unsupported, path: path, reason: "captions of clips cannot be trained on yet, only of images")
    }
    guard names == ["image", "split", "caption"] else {
      throw DataError(
        .damaged, path: path, place: "line 1",
        reason:
          "the header must be image, split and caption between tabs; it is: \(names.joined(separator: " "))")
    }
  }

  private mutating func readLine(_ content: Slice<UnsafeBufferPointer<UInt8>>) throws {
    let fields = try columns(content)
    guard fields.count == 3 else {
      throw DataError(.damaged, path: path, place: place, reason: "3 columns expected, \(fields.count) found")
    }
    let place = { [line] in "line \(line)" }
    let entry: Int
    if let last, last.id.elementsEqual(fields[0]), last.split.elementsEqual(fields[1]) {
      entry = last.entry
    } else {
      let id = try text(fields[0])
      entry = try gatherer.entry(id, file: id, split: try text(fields[1]), place: place)
      last = (Array(fields[0]), Array(fields[1]), entry)
    }
    try gatherer.append(try text(fields[2]), to: entry, place: place)
  }

  private var place: String { "line \(line)" }

  private func columns(_ content: Slice<UnsafeBufferPointer<UInt8>>) throws -> [Slice<
    UnsafeBufferPointer<UInt8>
  >] {
    content.split(separator: UInt8(ascii: "\t"), omittingEmptySubsequences: false)
  }

  private func text(_ field: Slice<UnsafeBufferPointer<UInt8>>) throws -> String {
    guard let text = String(validating: field, as: UTF8.self) else {
      throw DataError(.damaged, path: path, place: place, reason: "not UTF-8")
    }
    return text
  }
}
