import Files
import Foundation
import Media
import Narration
import Reports

/// The files that a video is cut into: `NAME-001.mp4`, one a shot where there is a key frame for it.
struct PieceFiles {
  private let folder: GivenPath
  private let video: GivenPath

  init(folder: GivenPath, of video: GivenPath) { (self.folder, self.video) = (folder, video) }

  /// Writes the pieces, and says of each how far off it begins.
  /// - Parameter path: a readable path to the video
  /// - Throws: `MediaError` where it cannot be cut, `FileError` where a piece cannot be written.
  func write(_ list: EditList, from path: String, _ console: Console) throws -> [ShotReport.Piece] {
    let splitter = try VideoSplitter(contentsOf: path)
    let wanted = list.shots.dropFirst().map(\.start)
    let cuts = PlacedCut.nearest(to: wanted, among: try splitter.keyFrames(Interruption.check))
    let digits = max(3, "\(cuts.count + 1)".count)
    let names = (0...cuts.count).map { index in
      let number = "\(index + 1)"
      return ExportPlaces.name(of: video) + "-" + String(repeating: "0", count: digits - number.count)
        + number
        + ".\(splitter.suffix)"
    }
    var files: [Int: WholeFile] = [:]
    let lost: Int
    do {
      lost = try splitter.split(
        at: cuts, timecode: list.timecode(at:),
        open: { number in
          try Interruption.check()
          let file = try WholeFile(folder.appending(Array(names[number].utf8)))
          files[number] = file
          return file.number
        }, close: { try files.removeValue(forKey: $0)?.commit() })
    } catch let error as PieceError {
      throw FileError(.write, path: folder.text, code: error.code)
    }
    tell(cuts, wanted, names, lost: lost, console)
    let starts = [list.timing.start] + cuts.map(\.keyFrame.time)
    return names.indices.map { index in
      ShotReport.Piece(
        file: folder.appending(Array(names[index].utf8)).text, start: starts[index],
        end: index < cuts.count ? starts[index + 1] : list.timing.end,
        wanted: index > 0 ? cuts[index - 1].wanted : nil)
    }
  }

  private func tell(_ cuts: [PlacedCut], _ wanted: [Double], _ names: [String], lost: Int, _ console: Console)
  {
    for (cut, name) in zip(cuts, names.dropFirst()) {
      let off = cut.offset
      let place =
        abs(off) < 5e-4
        ? "at its cut" : String(format: "%.3f s %@ its cut", abs(off), off < 0 ? "before" : "after")
      console.tell(
        String(format: "%@: begins at %.3f s, %@", name, cut.keyFrame.time, place),
        [
          ("path", .string(video.text)), ("file", .string(name)),
          ("start", .rounded(cut.keyFrame.time, places: 3)), ("wanted", .rounded(cut.wanted, places: 3)),
          ("off", .rounded(off, places: 3)),
        ])
    }
    let missed = wanted.filter { time in !cuts.contains { $0.wanted == time } }
    if !missed.isEmpty {
      let times = missed.prefix(5).map { String(format: "%.3f", $0) }.joined(separator: ", ")
      console.log(
        "warning",
        "\(video.text): \(missed.count) cuts have no key frame of their own, and are within pieces: \(times)"
          + (missed.count > 5 ? ", …" : ""))
    }
    if lost > 0 {
      console.log(
        "warning", "\(video.text): \(lost) frames are in no piece: they need those on both sides of a cut")
    }
  }
}
