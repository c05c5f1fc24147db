import Glibc
import SystemPackage

/// A file's bytes mapped into memory, read from the disk when they are first looked at.
///
/// As long as it lives, the file must be replaced (another one renamed over it), not rewritten: bytes that change are seen, and
/// bytes cut off end the process with SIGBUS when they are looked at. `WholeFile` replaces.
///
/// `@unchecked Sendable`: nobody writes to them.
package final class MappedFile: @unchecked Sendable {
  package let bytes: UnsafeRawBufferPointer

  /// - Parameter readsAhead: whether the system is to read all of it from the disk soon
  package convenience init(_ path: FilePath, readsAhead: Bool = true) throws(FileError) {
    try self.init(OpenFile(regular: path), readsAhead: readsAhead)
  }

  /// - Parameter readsAhead: whether the system is to read all of it from the disk soon
  package convenience init(_ path: String, readsAhead: Bool = true) throws(FileError) {
    try self.init(OpenFile(regular: path), readsAhead: readsAhead)
  }

  /// Maps an open file, which may be closed after.
  /// - Parameter operation: what an error says was tried
  package init(
    _ file: borrowing OpenFile, readsAhead: Bool = true, failing operation: FileError.Operation = .read
  ) throws(FileError) {
    let count = try file.size()
    guard count > 0 else {
      bytes = UnsafeRawBufferPointer(start: nil, count: 0)
      return
    }
    guard let address = mmap(nil, count, PROT_READ, MAP_PRIVATE, file.number, 0), address != MAP_FAILED else {
      throw FileError(operation, path: file.path, code: errno)
    }
    if readsAhead { madvise(address, count, MADV_WILLNEED) }
    bytes = UnsafeRawBufferPointer(start: address, count: count)
  }

  /// Gives back the memory of bytes that will not be looked at again soon; if they are, they are read from the disk again.
  package func release(_ range: Range<Int>) {
    guard let address = bytes.baseAddress else { return }
    let page = Int(sysconf(CInt(_SC_PAGESIZE)))
    let (start, end) = ((range.lowerBound + page - 1) / page * page, range.upperBound / page * page)
    guard start < end else { return }
    madvise(UnsafeMutableRawPointer(mutating: address + start), end - start, MADV_DONTNEED)
  }

  deinit {
    if let address = bytes.baseAddress { munmap(UnsafeMutableRawPointer(mutating: address), bytes.count) }
  }
}
