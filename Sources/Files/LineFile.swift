import Foundation
import SystemPackage

/// A file of lines that grows a line at a time: each is in it whole or not at all, whatever ends the process. One process at a
/// time may write to it.
package final class LineFile {
  /// A longer line is none that this program wrote.
  package static let longestLine = 64 << 20
  private static let lineEnd = UInt8(ascii: "\n")

  private let path: GivenPath
  private var file: OpenFile
  /// Bytes of the lines that are whole.
  private var size: Int

  /// Opens it, or makes it. `recover` comes before the first line is written.
  /// - Throws: with `FileError.inUse` where another process writes to it, and for what is no regular file
  package init(_ path: GivenPath) throws(FileError) {
    self.path = path
    file = try Self.locked(path)
    size = try file.size()
  }

  /// Opens and locks it. Whoever replaced it meanwhile had the lock on another file.
  private static func locked(_ path: GivenPath) throws(FileError) -> OpenFile {
    while true {
      let file = try OpenFile(
        path.location, .readWrite, [.create, .append, .nonBlocking], knownAs: path.text)
      guard FileIdentity(FileDescriptor(rawValue: file.number))?.isRegular == true else {
        throw FileError(.write, path: path.text, code: FileError.notRegular)
      }
      // Some file systems know no locks.
      if flock(file.number, LOCK_EX | LOCK_NB) != 0, errno == EWOULDBLOCK {
        throw FileError(.write, path: path.text, code: FileError.inUse)
      }
      if FileIdentity(path.location) == FileIdentity(FileDescriptor(rawValue: file.number)) { return file }
    }
  }

  /// Takes away what a process left of a line that it was killed in. The file ends with a line end after this, or is empty.
  /// - Parameters:
  ///   - start: what lines begin with
  ///   - tail: what `forEachLine` found after the last line end
  /// - Throws: `LineError` for the end of something else, which stays as it is
  package func recover(_ tail: [UInt8], startingWith start: [UInt8]) throws {
    if tail.isEmpty { return }
    if case .object = try? JSONDecoder().decode(JSON.self, from: Data(tail)) {
      // Somebody's editor left the line end out.
      return try append([Self.lineEnd])
    }
    // After a power cut there may be bytes that were never written.
    guard tail.starts(with: start.prefix(tail.count)) || tail.allSatisfy({ $0 == 0 }) else {
      throw LineError(path: path.text, number: nil, reason: "does not end with a line of JSON")
    }
    size -= tail.count
    try truncate(to: size)
  }

  /// Writes a line, with its end, at once.
  /// - Throws: and the file is as it was.
  package func append(_ bytes: [UInt8]) throws(FileError) {
    if bytes.isEmpty { return }
    do throws(FileError) {
      try bytes.withUnsafeBufferPointer { buffer throws(FileError) in
        try file.append(UnsafeRawBufferPointer(buffer))
      }
      size += bytes.count
    } catch {
      try? truncate(to: size)
      throw error
    }
  }

  private func truncate(to size: Int) throws(FileError) {
    guard ftruncate(file.number, off_t(size)) == 0 else {
      throw FileError(.write, path: path.text, code: errno)
    }
  }

  /// Waits until all lines are on the disk.
  package func synchronize() throws(FileError) { try file.synchronize() }

  /// Calls `body` with each line, without its end, and its number, from 1.
  /// - Returns: what is after the last line end
  package func forEachLine(_ body: (ArraySlice<UInt8>, Int) throws -> Void) throws -> [UInt8] {
    try Self.read(file, name: path.text, body)
  }

  /// Replaces the file by one with some of its lines.
  package func keep(where isKept: (ArraySlice<UInt8>) throws -> Bool) throws {
    // Whoever writes it anew holds a lock on it, too.
    try replace(where: isKept)
    file = try Self.locked(path)
    size = try file.size()
  }

  private func replace(where isKept: (ArraySlice<UInt8>) throws -> Bool) throws {
    let whole = try WholeFile(path)
    var kept: [UInt8] = []
    _ = try Self.read(file, name: path.text) { line, _ in
      guard try isKept(line) else { return }
      kept += line
      kept.append(Self.lineEnd)
      guard kept.count > 1 << 20 else { return }
      try whole.write(kept)
      kept.removeAll(keepingCapacity: true)
    }
    try whole.write(kept)
    try whole.commit()
  }

  /// Calls `body` with each whole line of a file that is only looked at; with none where there is no file.
  package static func forEachLine(of path: GivenPath, _ body: (ArraySlice<UInt8>, Int) throws -> Void) throws
  {
    guard path.location.kind != nil else { return }
    let file = try OpenFile(regular: path.location, knownAs: path.text)
    _ = try read(file, name: path.text, body)
  }

  /// - Returns: what is after the last line end.
  private static func read(
    _ file: borrowing OpenFile, name: String, _ body: (ArraySlice<UInt8>, Int) throws -> Void
  ) throws -> [UInt8] {
    let size = try file.size()
    var (rest, place, number): ([UInt8], Int, Int) = ([], 0, 0)
    while place < size {
      let begun = rest.count
      let count = min(size - place, max(1 << 20, begun))
      rest.append(contentsOf: repeatElement(0, count: count))
      try rest.withUnsafeMutableBytes { bytes in
        try file.read(UnsafeMutableRawBufferPointer(rebasing: bytes[begun...]), at: place)
      }
      place += count
      var start = 0
      var search = begun
      while let end = rest[search...].firstIndex(of: lineEnd) {
        number += 1
        try body(rest[start..<end], number)
        start = end + 1
        search = start
      }
      rest.removeFirst(start)
      guard rest.count <= longestLine else {
        throw LineError(path: name, number: number + 1, reason: "is longer than 64 MiB")
      }
    }
    return rest
  }
}

/// A line of a file that is not what it must be.
package struct LineError: Error, CustomStringConvertible {
  package let path: String
  /// From 1; nil is the file as a whole.
  package let number: Int?
  package let reason: String

  package init(path: String, number: Int?, reason: String) {
    (self.path, self.number, self.reason) = (path, number, reason)
  }

  package var description: String { "\(path): \(number.map { "line \($0) " } ?? "")\(reason)" }
}
