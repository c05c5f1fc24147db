import Files
import Foundation
import SystemPackage

/// A folder within a training's own for what a validation needs on the disk; gone after it, and what a killed run left of one.
func withValidationFolder<Result>(in folder: URL, _ body: (URL) throws -> Result) throws -> Result {
  let place = FilePath(folder.appendingPathComponent(".validation").path)
  let part = try UnfinishedFolder(of: place, knownAs: folder.path)
  return try withExtendedLifetime(part) {
    try body(URL(fileURLWithPath: part.path.string, isDirectory: true))
  }
}
