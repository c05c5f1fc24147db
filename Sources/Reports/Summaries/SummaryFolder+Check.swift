import Files
import Foundation
import Models
import Narration
import SystemPackage

extension SummaryFolder {
  /// Why a place cannot be taken.
  package struct Refusal: Error, CustomStringConvertible {
    let path: String
    let reason: String
    package var description: String { "\(path): \(reason)" }
  }

  /// That a place where something is may be taken.
  /// - Throws: `Refusal`, or `FileError` when what is there cannot be read.
  static func check(_ destination: FilePath, name: String, replacing: Bool) throws {
    guard destination.isFolder else {
      let isLink = destination.kind == .symbolicLink
      throw Refusal(
        path: name, reason: isLink ? "a link that leads nowhere" : "there is a file, not a folder")
    }
    // What killed runs left is neither here nor there.
    let abandoned = Unfinished.abandoned(in: destination)
    let names = try entries(of: destination, name).filter { !abandoned.contains($0) }
    if names.isEmpty { return }
    guard replacing else { throw Refusal(path: name, reason: "exists; --force replaces it") }
    let places = [destination] + abandoned.map { destination.appending($0).appending("old") }
    let summaries = places.compactMap { summary($0.appending("summary.json")) }
    if let other = try foreign(names, exports: summaries.flatMap(exports), in: destination, name) {
      throw Refusal(path: name, reason: "is no summary's folder, it holds \(other): not replaced")
    }
    // A run that was killed while it put its files in their places may have taken the summary away.
    guard !summaries.isEmpty else {
      throw Refusal(
        path: name, reason: "is no summary's folder, it holds no valid summary.json: not replaced")
    }
  }

  /// The first thing in a folder that no summary has.
  private static func foreign(
    _ names: [FilePath.Component], exports: [String], in destination: FilePath, _ name: String
  ) throws -> String? {
    for entry in names.sorted(by: { $0.bytes.lexicographicallyPrecedes($1.bytes) }) {
      let path = destination.appending(entry)
      guard entry == "keyframes" else {
        if !(contents + exports).contains(entry.string) || path.kind != .regular { return entry.string }
        continue
      }
      guard path.kind == .directory else { return entry.string }
      let pictures = try entries(of: path, name)
      if let other = pictures.first(where: { !isPicture($0) || path.appending($0).kind != .regular }) {
        return "keyframes/\(other)"
      }
    }
    return nil
  }

  /// Four digits or more, `.jpg`.
  private static func isPicture(_ name: FilePath.Component) -> Bool {
    let number = name.stem.utf8
    let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
    return name.extension == "jpg" && number.count >= 4 && number.allSatisfy(digits.contains)
  }

  /// A file's value, if it is a summary.
  private static func summary(_ path: FilePath) -> JSON? {
    guard let file = try? MappedFile(path) else { return nil }
    let bytes = withExtendedLifetime(file) { Data(file.bytes) }
    guard let json = try? JSONDecoder().decode(JSON.self, from: bytes) else { return nil }
    return ["path", "duration", "shots", "chapters", "model"].allSatisfy { json[$0] != nil } ? json : nil
  }

  /// The files for other programs that came with a summary.
  private static func exports(_ summary: JSON) -> [String] {
    guard case .array(let names)? = summary["exports"] else { return [] }
    return names.compactMap(\.string)
  }

  private static func entries(of folder: FilePath, _ name: String) throws(FileError) -> [FilePath.Component] {
    do {
      return try folder.entries()
    } catch {
      throw FileError(error.operation, path: name, code: error.code)
    }
  }
}
