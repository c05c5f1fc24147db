import Glibc
import Synchronization
import SystemPackage

/// Where a file or a folder is made before it takes its place: beside it, as `NAME.part-PROCESS-RANDOM`. Whoever makes it holds a
/// lock on it, so that what a killed process left can be told from what another one is writing.
package enum Unfinished {
  private static let mark = Array(".part-".utf8)
  private static let digits = 16

  /// Names that look unfinished, of each folder that was looked through: once, since it may have very many.
  private static let seen = Mutex<[FilePath: [[UInt8]]]>([:])

  /// The end of a name that nobody else has: the process and a random number, wherever it runs.
  package static var suffix: String {
    let random = String(UInt64.random(in: .min ... .max), radix: 16)
    return ".part-\(getpid())-\(String(repeating: "0", count: digits - random.count))\(random)"
  }

  /// Marks what is being made as somebody's, until the descriptor is closed.
  static func lock(_ descriptor: CInt) {
    // What cannot be locked is never taken for abandoned.
    flock(descriptor, LOCK_EX | LOCK_NB)
  }

  /// Removes what killed processes left of earlier attempts at `target`.
  static func sweep(beside target: FilePath) {
    guard let name = target.lastComponent?.bytes else { return }
    let folder = target.parent
    let names = seen.withLock { seen in
      if let known = seen[folder] { return known }
      let found = ((try? folder.entries()) ?? []).map(\.bytes).filter { process(of: $0[...]) != nil }
      seen[folder] = found
      return found
    }
    for other in names where other.starts(with: name) && process(of: other[...], name.count) != nil {
      let path = folder.appending(FilePath(bytes: other).components)
      if isAbandoned(path, process(of: other[...], name.count) ?? 0) { path.remove() }
    }
  }

  /// The names of abandoned folders in `folder` that were made in it.
  package static func abandoned(in folder: FilePath) -> [FilePath.Component] {
    ((try? folder.entries()) ?? []).filter { name in
      guard let number = process(of: name.bytes[...], 0, digits: nil) else { return false }
      return isAbandoned(folder.appending(name), number)
    }
  }

  /// The number of the process that made what is called so; nil for what has no such name.
  /// - Parameters:
  ///   - start: bytes before the mark; nil finds the last mark.
  ///   - digits: of the random number; nil takes any, as earlier versions had them.
  private static func process(
    of name: ArraySlice<UInt8>, _ start: Int? = nil, digits: Int? = Self.digits
  ) -> pid_t? {
    let last = name.indices.last { name[$0...].starts(with: mark) }
    guard let begin = start ?? last, begin <= name.count, name[begin...].starts(with: mark) else {
      return nil
    }
    let parts = String(decoding: name[(begin + mark.count)...], as: UTF8.self).split(
      separator: "-", omittingEmptySubsequences: false)
    guard parts.count == 2, let process = pid_t(parts[0]), process > 0,
      digits == nil || parts[1].count == digits, !parts[1].isEmpty, parts[1].allSatisfy(\.isHexDigit)
    else { return nil }
    return process
  }

  /// Whether nobody works on it any more: its process is gone, and so is the lock, which a process in another container holds too.
  private static func isAbandoned(_ path: FilePath, _ process: pid_t) -> Bool {
    guard kill(process, 0) != 0, errno == ESRCH else { return false }
    let options: FileDescriptor.OpenOptions = [.closeOnExec, .nonBlocking, .noFollow]
    guard let file = try? FileDescriptor.open(path, .readOnly, options: options) else { return false }
    defer { try? file.close() }
    guard let status = try? file.stat(), status.userID.rawValue == geteuid(),
      status.type == .regular || status.type == .directory
    else { return false }
    return flock(file.rawValue, LOCK_EX | LOCK_NB) == 0
  }
}

/// A folder that is filled before it takes its place; gone with this object unless it was kept.
package final class UnfinishedFolder {
  package let path: FilePath
  private let lock: OpenFile
  private var isKept = false

  /// - Parameters:
  ///   - target: the place; what killed processes left of it goes.
  ///   - inside: whether the folder is made within the target, not beside it
  ///   - name: what errors call it
  package init(of target: FilePath, inside: Bool = false, knownAs name: String) throws(FileError) {
    if !inside { Unfinished.sweep(beside: target) }
    path = inside ? target.appending(Unfinished.suffix) : target.adding(Unfinished.suffix)
    guard path.withCString({ mkdir($0, 0o777) }) == 0 else {
      throw FileError(.write, path: name, code: errno)
    }
    do {
      lock = try OpenFile(path, .readOnly, .directory, knownAs: name)
    } catch {
      path.removeEmptyFolder()
      throw error
    }
    Unfinished.lock(lock.number)
  }

  /// It has another name now, or is somebody else's.
  package func keep() { isKept = true }

  deinit { if !isKept { path.remove() } }
}
