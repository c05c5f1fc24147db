import Files
import Foundation
import Media

/// A sequence whose true boxes are known, as OTB keeps it: a folder with the frames in `img` and `groundtruth_rect.txt`, a box a line:
/// left, top, width and height, counted from 1.
package struct TrackSequence: Sendable {
  package let name: String
  /// In order.
  package let frames: [GivenPath]
  /// As many as there are frames; nil where the thing is not to be seen. The first is there.
  package let truth: [Box?]

  /// All sequences of a folder, sorted by name.
  package static func all(in folder: GivenPath) throws(TrackError) -> [TrackSequence] {
    var sequences: [TrackSequence] = []
    for name in try entries(of: folder) {
      if let sequence = try TrackSequence(folder.appending(Array(name.utf8)), name) {
        sequences.append(sequence)
      }
    }
    guard !sequences.isEmpty else {
      throw TrackError(path: folder.text, reason: "no folder in it has \(truthName)")
    }
    return sequences
  }

  private static let truthName = "groundtruth_rect.txt"

  private static func entries(of folder: GivenPath) throws(TrackError) -> [String] {
    do {
      return try folder.location.entries().map { String(decoding: $0.bytes, as: UTF8.self) }.sorted()
    } catch { throw TrackError(path: folder.text, reason: "not a folder that can be read") }
  }

  /// Nil for a folder without boxes.
  private init?(_ folder: GivenPath, _ name: String) throws(TrackError) {
    let file = folder.appending(Array(Self.truthName.utf8))
    guard file.location.kind != nil else { return nil }
    guard let text = try? String(contentsOfFile: file.text, encoding: .utf8) else {
      throw TrackError(path: file.text, reason: "cannot be read as text")
    }
    var truth: [Box?] = []
    for (index, line) in text.split(whereSeparator: \.isNewline).enumerated() {
      truth.append(try Self.box(line, file, index + 1))
    }
    let pictures = folder.appending(Array("img".utf8))
    let frames = try Self.entries(of: pictures).filter { name in
      ["jpg", "jpeg", "png"].contains { name.lowercased().hasSuffix(".\($0)") }
    }
    let count = min(frames.count, truth.count)
    guard count > 0 else { throw TrackError(path: folder.text, reason: "no frame has a box") }
    guard truth[0] != nil else { throw TrackError(path: file.text, reason: "line 1: no box to begin with") }
    self.name = name
    self.frames = frames.prefix(count).map { pictures.appending(Array($0.utf8)) }
    self.truth = Array(truth.prefix(count))
  }

  private static func box(_ line: Substring, _ file: GivenPath, _ number: Int) throws(TrackError) -> Box? {
    let fields = line.split { ", \t;".contains($0) }.map { Double($0) }
    let numbers = fields.compactMap(\.self)
    guard fields.count == 4, numbers.count == 4 else {
      throw TrackError(path: file.text, reason: "line \(number): a box is of four numbers")
    }
    guard numbers.allSatisfy(\.isFinite), numbers[2] > 0, numbers[3] > 0 else { return nil }
    return Box(x: numbers[0] - 1, y: numbers[1] - 1, width: numbers[2], height: numbers[3])
  }
}

/// Sequences that cannot be used.
package struct TrackError: Error, CustomStringConvertible, Equatable {
  package let path, reason: String

  package init(path: String, reason: String) { (self.path, self.reason) = (path, reason) }

  package var description: String { "\(path): \(reason)" }
}
