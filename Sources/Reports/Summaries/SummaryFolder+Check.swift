import Files
import Foundation
import Models
import Narration

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
      let isLink = destination.kind == S_IFLNK
      throw Refusal(
        path: name, reason: isLink ? "a link that leads nowhere" : "there is a file, not a folder")
    }
    let names = try entries(of: destination, name)
    if names.isEmpty { return }
    guard replacing else { throw Refusal(path: name, reason: "exists; --force replaces it") }
    if let other = try foreign(names, in: destination, name) {
      throw Refusal(path: name, reason: "is no summary's folder, it holds \(other): not replaced")
    }
    guard isSummary(destination.appending(Array("summary.json".utf8))) else {
      throw Refusal(
        path: name, reason: "is no summary's folder, it holds no valid summary.json: not replaced")
    }
  }

  /// The first thing in a folder that no summary has.
  private static func foreign(_ names: [[UInt8]], in destination: FilePath, _ name: String) throws -> String?
  {
    let known = Set(contents.map { Array($0.utf8) })
    for entry in names.sorted(by: { $0.lexicographicallyPrecedes($1) }) {
      let path = destination.appending(entry)
      let text = FilePath(bytes: entry).text
      guard text == "keyframes" else {
        if !known.contains(entry) || path.kind != S_IFREG { return text }
        continue
      }
      guard path.kind == S_IFDIR else { return text }
      let pictures = try entries(of: path, name)
      if let other = pictures.first(where: { !isPicture($0) || path.appending($0).kind != S_IFREG }) {
        return "keyframes/\(FilePath(bytes: other).text)"
      }
    }
    return nil
  }

  /// Four digits or more, `.jpg`.
  private static func isPicture(_ name: [UInt8]) -> Bool {
    let number = name.dropLast(4)
    let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
    return name.suffix(4) == ArraySlice(".jpg".utf8) && number.count >= 4
      && number.allSatisfy(digits.contains)
  }

  private static func isSummary(_ path: FilePath) -> Bool {
    let bytes = path.withReadableText { FileManager.default.contents(atPath: $0) }
    guard let bytes, let json = try? JSONDecoder().decode(JSON.self, from: bytes) else { return false }
    return ["path", "duration", "shots", "chapters", "model"].allSatisfy { json[$0] != nil }
  }

  private static func entries(of folder: FilePath, _ name: String) throws(FileError) -> [[UInt8]] {
    do {
      return try folder.entries()
    } catch {
      throw FileError(error.operation, path: name, code: error.code)
    }
  }
}
