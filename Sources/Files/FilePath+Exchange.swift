import Glibc
import SystemPackage

extension FilePath {
  private typealias Rename =
    @convention(c) (CInt, UnsafePointer<CChar>, CInt, UnsafePointer<CChar>, CUnsignedInt) -> CInt

  /// `renameat2`, which the C library's headers keep from Swift.
  private static var renameat2: Rename? {
    dlsym(nil, "renameat2").map { unsafeBitCast($0, to: Rename.self) }
  }

  /// What is here and what is there change places, in one step where the file system can do that; else what is there goes first to
  /// `aside`, a name beside it.
  /// - Returns: where what was there is now
  /// - Parameter name: what an error calls it
  package func exchange(with other: FilePath, aside: FilePath, knownAs name: String) throws(FileError)
    -> FilePath
  {
    // RENAME_EXCHANGE
    let inOneStep = withCString { here in
      other.withCString { there in Self.renameat2?(AT_FDCWD, here, AT_FDCWD, there, 2) == 0 }
    }
    if inOneStep { return self }
    try other.rename(to: aside, knownAs: name)
    do {
      try rename(to: other, knownAs: name)
    } catch {
      try? aside.rename(to: other, knownAs: name)
      throw error
    }
    return aside
  }

  /// Gives a folder the owner, the group and the rights of another one.
  /// - Returns: whether it could be done.
  package func takeRights(of other: FilePath) -> Bool {
    guard let (mine, theirs) = try? (stat(), other.stat()) else { return false }
    if mine.userID != theirs.userID || mine.groupID != theirs.groupID {
      let done = withCString { chown($0, theirs.userID.rawValue, theirs.groupID.rawValue) }
      guard done == 0 else { return false }
    }
    return withCString { chmod($0, theirs.permissions.rawValue) } == 0
  }
}
