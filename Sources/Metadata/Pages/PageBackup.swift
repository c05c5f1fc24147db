import Files
import Glibc
import SystemPackage

/// Keeps a page as it was, under another name beside it.
package enum PageBackup {
  /// `page.html` stays as `page.html.bak`, or where that is taken as `page.html.bak-2` and so on: the page itself, with all that
  /// the system knows of it, until another takes its place.
  /// - Returns: where that is
  package static func make(of page: GivenPath) throws(FileError) -> FilePath {
    let target = page.location.resolved ?? page.location
    var number = 1
    while true {
      let place = target.adding(number == 1 ? ".bak" : ".bak-\(number)")
      if target.withCString({ from in place.withCString { link(from, $0) } }) == 0 { return place }
      switch errno {
      case EEXIST: number += 1
      // Some file systems have one name a file, and some systems let only a file's owner give it another.
      case EPERM, ENOTSUP, ENOSYS, EMLINK:
        guard place.kind == nil else {
          number += 1
          continue
        }
        let bytes = try OpenFile(regular: target, knownAs: page.text).bytes(atMost: Page.mostBytes)
        try WholeFile.write(bytes, to: place, knownAs: page.text + ".bak")
        _ = place.takeRights(of: target)
        return place
      case let code: throw FileError(.write, path: page.text + ".bak", code: code)
      }
    }
  }
}

extension Page {
  /// Puts other bytes in the page's place.
  /// - Parameter backsUp: whether the page as it was is kept beside it
  /// - Throws: `MetadataError` for a page that is read-only, and `FileError`; then everything is as it was.
  package func write(_ new: [UInt8], backsUp: Bool) throws {
    guard path.mayBeWritten else { throw MetadataError.page(path: path.text, reason: "is read-only") }
    let backup = backsUp ? try PageBackup.make(of: path) : nil
    do {
      try WholeFile.write(new, to: path)
    } catch {
      backup?.remove()
      throw error
    }
  }
}
