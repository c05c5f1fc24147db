import Glibc

extension FilePath {
  /// The folder that the last part is in.
  package var parent: FilePath {
    let slash = UInt8(ascii: "/")
    let name = bytes.reversed().drop { $0 == slash }.drop { $0 != slash }
    let folder = Array(name.drop { $0 == slash }.reversed())
    return FilePath(bytes: folder.isEmpty ? [bytes.first == slash ? slash : UInt8(ascii: ".")] : folder)
  }

  /// Whether there is a folder, links followed.
  package var isFolder: Bool {
    var status = stat()
    return withCString { stat($0, &status) } == 0 && status.st_mode & S_IFMT == S_IFDIR
  }

  /// What kind of thing there is, links not followed: `S_IFREG`, `S_IFDIR` and so on; nil where there is nothing.
  package var kind: mode_t? {
    var status = stat()
    return withCString { lstat($0, &status) } == 0 ? status.st_mode & S_IFMT : nil
  }

  /// Makes the folder and those above it, where they are not there yet.
  /// - Returns: those that it made, the topmost first.
  @discardableResult package func makeFolder() throws(FileError) -> [FilePath] {
    if bytes.isEmpty || isFolder { return [] }
    let above = parent != self ? try parent.makeFolder() : []
    if withCString({ mkdir($0, 0o777) }) == 0 { return above + [self] }
    let code = errno
    if isFolder { return above }
    for folder in above.reversed() { folder.removeEmptyFolder() }
    throw FileError(.open, path: text, code: code == EEXIST ? ENOTDIR : code)
  }

  /// The names in the folder, in no order.
  package func entries() throws(FileError) -> [[UInt8]] {
    guard let stream = withCString({ opendir($0) }) else { throw FileError(.read, path: text, code: errno) }
    defer { closedir(stream) }
    var names: [[UInt8]] = []
    errno = 0
    while let entry = readdir(stream) {
      let name = withUnsafeBytes(of: &entry.pointee.d_name) { Array($0.prefix { $0 != 0 }) }
      if name != Array(".".utf8) && name != Array("..".utf8) { names.append(name) }
      errno = 0
    }
    guard errno == 0 else { throw FileError(.read, path: text, code: errno) }
    return names
  }

  /// Removes a folder if it holds nothing.
  package func removeEmptyFolder() { _ = withCString { rmdir($0) } }

  /// Removes a file, or a folder with all that is in it, as far as the system lets it. Links are not followed.
  package func remove() {
    guard kind == S_IFDIR else {
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
