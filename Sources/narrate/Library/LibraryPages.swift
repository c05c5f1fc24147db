import Catalogue
import Files
import Foundation
import Reports
import SystemPackage

/// The folder of `narrate library export --format html`: pages with small pictures, there whole or not at all.
struct LibraryPages {
  private static let picturesPerPage = 500
  /// Pixels of a small picture's shorter side.
  private static let side = 240

  private let destination: FilePath
  private let folder: UnfinishedFolder
  private let title: String
  private let count: Int
  private var pictures: [LibraryPage.Picture] = []
  private var page = 1
  private var number = 0

  /// - Parameter total: contents of the catalogue: not fewer than will be added
  init(folder destination: FilePath, catalogue: GivenPath, total: Int) throws(FileError) {
    self.destination = destination
    folder = try UnfinishedFolder(of: destination, knownAs: destination.string)
    try folder.path.appending("pictures").makeFolder()
    title = catalogue.location.parent.resolved?.lastComponent?.string ?? "Catalogue"
    count = max(1, (total + Self.picturesPerPage - 1) / Self.picturesPerPage)
  }

  mutating func add(_ entry: Entry) throws {
    number += 1
    let path = entry.paths[0]
    let others = entry.paths.count - 1
    pictures.append(
      LibraryPage.Picture(
        link: Self.address(path), thumbnail: try thumbnail(entry, path), caption: entry.caption ?? "",
        isUnsure: entry.isUnsure && !entry.isHuman, name: path.location.lastComponent?.string ?? path.text,
        more: others == 0 ? nil : others == 1 ? "and 1 copy" : "and \(others) copies"))
    if pictures.count == Self.picturesPerPage { try writePage() }
  }

  /// Writes what is left, and puts the folder in its place.
  mutating func finish() throws {
    if !pictures.isEmpty || page == 1 { try writePage() }
    try folder.path.rename(to: destination, knownAs: destination.string)
    folder.keep()
  }

  private mutating func writePage() throws(FileError) {
    let html = LibraryPage(title: title, number: page, of: count, pictures: pictures).html
    let file = try WholeFile(folder.path.appending(LibraryPage.file(page)))
    try file.write(Array(html.utf8))
    try file.commit()
    (pictures, page) = ([], page + 1)
  }

  /// - Returns: its address from the page; nil where the file shows nothing any more
  private func thumbnail(_ entry: Entry, _ path: GivenPath) throws -> String? {
    guard let bytes = SmallPicture.jpeg(of: path, isVideo: entry.isVideo, side: Self.side) else { return nil }
    let name = "pictures/\(number).jpg"
    let file = try WholeFile(folder.path.appending(name))
    try file.write(bytes)
    try file.commit()
    return name
  }

  /// An absolute `file:` address, every byte that could mean anything escaped (RFC 8089, RFC 3986).
  private static func address(_ path: GivenPath) -> String {
    let whole = path.location.resolved?.bytes ?? path.bytes
    let plain = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/".utf8)
    return "file://"
      + whole.map { plain.contains($0) ? String(UnicodeScalar($0)) : "%" + String(format: "%02X", $0) }
      .joined()
  }
}
