import Files
import Reports
import SystemPackage

/// Paths of files, many of them, in little memory: a byte for each of theirs and some more.
package struct FoundPaths {
  private var bytes: [UInt8] = []
  private var ends: [Int] = []
  /// Which of them were named, rather than found in a folder.
  private var named: Set<Int> = []
  /// What came to nothing.
  package private(set) var failures: [Input] = []
  /// Folders that were gone through, as they were named.
  package private(set) var folders: [GivenPath] = []

  package var count: Int { ends.count }

  package subscript(index: Int) -> (path: GivenPath, isNamed: Bool) {
    let start = index == 0 ? 0 : ends[index - 1]
    return (GivenPath(bytes: bytes[start..<ends[index]]), named.contains(index))
  }

  /// The files that are named, and those in the folders that are and below, sorted by name. Nothing of them is read.
  /// - Parameter recursive: whether folders may be named at all
  package init(_ paths: [GivenPath], recursive: Bool) {
    for path in paths {
      if !path.location.isFolder {
        named.insert(count)
        append(path)
      } else if recursive {
        folders.append(path)
        walk(path)
      } else {
        failures.append(
          Input(path, failure: InputFailure(kind: .unsupported, message: "is a folder (use --recursive)")))
      }
    }
  }

  private mutating func append(_ path: GivenPath) {
    bytes += path.bytes
    ends.append(bytes.count)
  }

  private mutating func walk(_ folder: GivenPath) {
    let names: [[UInt8]]
    do {
      names = try folder.location.entries().map(\.bytes)
    } catch {
      failures.append(Input(folder, failure: .unreadable(error.code)))
      return
    }
    for name in names.sorted(by: { $0.lexicographicallyPrecedes($1) }) {
      let path = folder.appending(name)
      switch path.location.kind {
      case .directory: walk(path)
      case .regular: append(path)
      // A link to a folder is not followed: it could lead back up.
      case .symbolicLink where (try? path.location.stat())?.type == .regular: append(path)
      default: break
      }
    }
  }
}
