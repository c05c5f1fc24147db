import Foundation

/// `frames.tsv`: the frames of clips that are kept as pictures. Tab-separated UTF-8 with the header `clip frame file`, a
/// frame a line, numbered in order of time; files by their paths from the table's folder.
struct ClipFrames {
  /// Paths of each clip's frames, in order of time.
  let files: [String: [String]]

  /// - Throws: `DataError` naming the line that is wrong.
  init(contentsOf table: URL) throws {
    let path = table.path
    var frames: [String: [Int: String]] = [:]
    let folder = table.deletingLastPathComponent().path
    let lines = try DataFile.bytes(path, longestLine: DataFile.longestLine).split(
      separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    for (index, var line) in lines.enumerated() where index + 1 < lines.count || !line.isEmpty {
      func damaged(_ reason: String) -> DataError {
        DataError(.damaged, path: path, location: "line \(index + 1)", reason: reason)
      }
      if index == 0, line.starts(with: [0xef, 0xbb, 0xbf]) { line = line.dropFirst(3) }
      if line.last == UInt8(ascii: "\r") { line = line.dropLast() }
      guard let text = String(validating: line, as: UTF8.self) else { throw damaged("not UTF-8") }
      let fields = text.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
      if index == 0 {
        guard fields == ["clip", "frame", "file"] else {
          throw damaged(
            "the header must be clip, frame and file between tabs; it is: \(fields.joined(separator: " "))")
        }
        continue
      }
      guard fields.count == 3 else { throw damaged("3 columns expected, \(fields.count) found") }
      guard let number = Int(fields[1]), number >= 0 else { throw damaged("\(fields[1]) is no frame number") }
      guard !fields[0].isEmpty, !fields[2].isEmpty else { throw damaged("an empty name") }
      guard frames[fields[0], default: [:]].updateValue("\(folder)/\(fields[2])", forKey: number) == nil
      else {
        throw damaged("frame \(number) of clip \(fields[0]) is listed twice")
      }
    }
    files = frames.mapValues { clip in clip.sorted { $0.key < $1.key }.map(\.value) }
  }
}
