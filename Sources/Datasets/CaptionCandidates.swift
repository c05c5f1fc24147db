import Foundation

/// Captions to be scored: COCO results (`[{"image_id": …, "caption": …}]`), or what `narrate caption` prints as `jsonl`
/// or `json` (`path`, `status`, `caption`).
package struct CaptionCandidates: Sendable {
  /// A caption and what it belongs to.
  package struct Entry: Sendable {
    /// Where it stands in its file: `line 3`, `[2]`.
    package let location: String
    /// A COCO id, a file's name or path, a clip's name.
    package let name: String
    package let caption: String
  }

  package let path: String
  package let entries: [Entry]

  /// Reads a file.
  /// - Throws: `DataError` naming the file, the entry and what is wrong with it.
  package init(contentsOf url: URL) throws {
    path = url.path
    if try DataFile.first(path) == UInt8(ascii: "[") {
      let path = path
      entries = try decoded([Record].self, url).enumerated().map { index, record in
        try record.entry(location: "[\(index)]", path: path)
      }
    } else {
      entries = try Self.lines(path)
    }
    guard !entries.isEmpty else { throw DataError(.damaged, path: path, reason: "no captions in it") }
  }

  private static func lines(_ path: String) throws -> [Entry] {
    let decoder = JSONDecoder()
    var entries: [Entry] = []
    let bytes = try DataFile.bytes(path, longestLine: DataFile.longestValue)
    var rest = bytes.starts(with: [0xef, 0xbb, 0xbf]) ? bytes.dropFirst(3) : bytes[...]
    var number = 0
    while !rest.isEmpty {
      let line = rest.prefix { $0 != UInt8(ascii: "\n") }
      rest = rest.dropFirst(line.count + 1)
      number += 1
      if line.allSatisfy({ [0x20, 0x09, 0x0d].contains($0) }) { continue }
      let location = "line \(number)"
      do {
        entries.append(
          try decoder.decode(Record.self, from: Data(line)).entry(location: location, path: path))
      } catch let error as DecodingError {
        throw DataError(
          .damaged, path: path,
          location: [location, error.location].compactMap { $0 }.joined(separator: ": "),
          reason: error.reason)
      }
    }
    return entries
  }

  /// An entry as it stands in either format.
  private struct Record: Decodable {
    struct Failure: Decodable { let kind: String? }
    let name: String?
    let caption: String?
    let failure: Failure?

    private enum Key: String, CodingKey {
      case imageID = "image_id"
      case path, caption, error
    }

    init(from decoder: any Decoder) throws {
      let fields = try decoder.container(keyedBy: Key.self)
      if fields.contains(.imageID) {
        name = try fields.decode(COCOIdentifier.self, forKey: .imageID).text
      } else {
        name = try fields.decodeIfPresent(String.self, forKey: .path)
      }
      caption = try fields.decodeIfPresent(String.self, forKey: .caption)
      failure = try fields.decodeIfPresent(Failure.self, forKey: .error)
    }

    func entry(location: String, path: String) throws -> Entry {
      func damaged(_ reason: String) -> DataError {
        DataError(.damaged, path: path, location: location, reason: reason)
      }
      guard let name else { throw damaged("image_id or path is missing") }
      guard let caption else {
        throw damaged("\(name) has no caption" + (failure?.kind.map { " (\($0))" } ?? ""))
      }
      guard caption.utf8.contains(where: { $0 > 0x20 }) else {
        throw damaged("the caption of \(name) is empty")
      }
      if let complaint = CaptionLength.complaint(caption) { throw damaged("\(name) has " + complaint) }
      return Entry(location: location, name: name, caption: caption)
    }
  }
}
