import Glibc
import SystemPackage

extension FilePath {
  /// The folder that the last part is in.
  package var parent: FilePath {
    let folder = removingLastComponent()
    return folder.isEmpty ? "." : folder
  }

  /// Whether there is a folder, links followed.
  package var isFolder: Bool { (try? stat())?.type == .directory }

  /// Whether there is a regular file, links followed.
  package var isRegular: Bool { (try? stat())?.type == .regular }

  /// What kind of thing there is, links not followed; nil where there is nothing.
  package var kind: FileType? { (try? stat(followTargetSymlink: false))?.type }

  /// Makes the folder and those above it, where they are not there yet.
  /// - Returns: those that it made, the topmost first.
  @discardableResult package func makeFolder() throws(FileError) -> [FilePath] {
    if isEmpty || isFolder { return [] }
    let above = parent != self ? try parent.makeFolder() : []
    if withCString({ mkdir($0, 0o777) }) == 0 { return above + [self] }
    let code = errno
    if isFolder { return above }
    for folder in above.reversed() { folder.removeEmptyFolder() }
    throw FileError(.open, path: string, code: code == EEXIST ? ENOTDIR : code)
  }

  /// The names in the folder, in no order.
  package func entries() throws(FileError) -> [Component] {
    guard let stream = withCString({ opendir($0) }) else { throw FileError(.read, path: string, code: errno) }
    defer { closedir(stream) }
    var names: [Component] = []
    errno = 0
    while let entry = readdir(stream) {
      let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
        bytes.baseAddress.flatMap { Component(platformString: $0.assumingMemoryBound(to: CChar.self)) }
      }
      // Neither . nor ..
      if let name, name.kind == .regular { names.append(name) }
      errno = 0
    }
    guard errno == 0 else { throw FileError(.read, path: string, code: errno) }
    return names
  }

  /// Removes a folder if it holds nothing.
  package func removeEmptyFolder() { _ = withCString { rmdir($0) } }

  /// Removes a file, or a folder with all that is in it, as far as the system lets it. Links are not followed.
  package func remove() {
    guard kind == .directory else {
      _ = withCString { unlink($0) }
      return
    }
    for name in (try? entries()) ?? [] { appending(name).remove() }
    removeEmptyFolder()
  }

  /// Gives it another name.
  /// - Parameter name: what an error calls it.
  package func rename(to other: FilePath, knownAs name: String) throws(FileError) {
    guard withCString({ from in other.withCString { to in Glibc.rename(from, to) } }) == 0 else {
      throw FileError(.replace, path: name, code: errno)
    }
  }
}
