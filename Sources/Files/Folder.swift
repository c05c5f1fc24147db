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

  /// Makes the folder and those above it, where they are not there yet.
  package func makeFolder() throws(FileError) {
    if bytes.isEmpty || isFolder { return }
    if parent != self { try parent.makeFolder() }
    if withCString({ mkdir($0, 0o777) }) == 0 { return }
    let code = errno
    guard isFolder else { throw FileError(.open, path: text, code: code == EEXIST ? ENOTDIR : code) }
  }
}
