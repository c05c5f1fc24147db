import Files
import Foundation
import Media
import Narration
import Reports
import SystemPackage

/// Where the files for other programs go: into one folder, or beside each video.
package struct ExportPlaces {
  /// Nil is beside each video.
  let folder: GivenPath?
  let kinds: [ExportKind]

  package init(folder: GivenPath? = nil, kinds: [ExportKind] = []) {
    (self.folder, self.kinds) = (folder, kinds)
  }

  /// What the files of a video are called before the kind.
  static func name(of video: GivenPath) -> String {
    video.isStandardStream ? "stdin" : video.location.stem ?? "video"
  }

  func place(_ file: String, of video: GivenPath) -> GivenPath {
    if let folder { return folder.appending(Array(file.utf8)) }
    let slash = video.bytes.lastIndex(of: UInt8(ascii: "/"))
    return GivenPath(bytes: (slash.map { Array(video.bytes[...$0]) } ?? []) + Array(file.utf8))
  }

  /// All that are known before the work, the first sheet of pictures among them.
  func all(of video: GivenPath) -> [GivenPath] {
    let name = Self.name(of: video)
    let files =
      kinds.map { "\(name).\($0.suffix)" } + (kinds.contains(.trickplay) ? ["\(name).trickplay-1.jpg"] : [])
    return files.map { place($0, of: video) }
  }

  /// A file that is there and that nobody has named.
  func taken(_ videos: [GivenPath]) -> GivenPath? {
    guard folder == nil else { return nil }
    return videos.lazy.flatMap(all).first { $0.location.kind != nil }
  }
}

/// The files for other programs of one video, while it is looked at and after.
struct VideoExports {
  private let name: String
  private let kinds: [ExportKind]
  private let write: (_ file: String, _ bytes: [UInt8]) throws -> Void
  private var trickplay: Trickplay?
  /// What was written, by name.
  private let written = Names()

  private final class Names { var all: [String] = [] }

  /// - Parameters:
  ///   - duration: of the video in seconds, if known
  ///   - write: puts a file where it belongs
  init(
    _ kinds: [ExportKind], of video: GivenPath, duration: Double?,
    write: @escaping (_ file: String, _ bytes: [UInt8]) throws -> Void
  ) {
    (name, self.kinds) = (ExportPlaces.name(of: video), kinds)
    self.write = { [written] file, bytes in
      try write(file, bytes)
      written.all.append(file)
    }
    if kinds.contains(.trickplay) { trickplay = Trickplay(name, duration: duration, keep: self.write) }
  }

  /// Looks at a frame.
  mutating func look(_ time: Double, _ stream: FrameStream) throws {
    try trickplay?.append(time) { side in try stream.image(coveringSide: side) }
  }

  /// Writes what is known at the end.
  /// - Returns: the names of the files, and the kinds that cannot say this video
  mutating func finish(_ list: EditList) throws -> (files: [String], impossible: [ExportKind]) {
    var impossible: [ExportKind] = []
    for kind in kinds {
      let text = try kind == .trickplay ? trickplay?.finish(end: list.timing.end) : list.text(kind)
      if let text { try write("\(name).\(kind.suffix)", Array(text.utf8)) } else { impossible.append(kind) }
    }
    return (written.all, impossible)
  }

  /// Says what the formats cannot, and which were not written.
  static func tell(
    _ list: EditList, _ kinds: [ExportKind], impossible: [ExportKind], _ video: GivenPath, _ console: Console
  ) {
    for line in list.warnings(kinds) { console.log("warning", "\(video.text): \(line)") }
    for kind in impossible {
      console.report(
        "\(video.text): no \(kind.rawValue) written: it takes three chapters of ten seconds each")
    }
  }
}
