import Compute
import Files
import Glibc
import SystemPackage
import Tensors

/// Fills a file with the encoder's features, once for all epochs. Interrupted, it goes on where it was.
///
/// Several threads may write different records at the same time: a writer has no state but its open file.
package final class FeatureStoreWriter: Sendable {
  /// What was found at the beginning.
  package enum Origin: Sendable, Equatable {
    case created
    /// An interrupted run left so many records.
    case resumed(records: Int)
    /// Nothing is left to write.
    case complete
    /// The file was of another encoder or data set, or damaged, and is made again.
    case replaced(reason: String)
  }

  package let origin: Origin
  /// Records still to write, ascending.
  package let missing: [Int]
  private let file: FeatureFile
  private let layout: FeatureStoreLayout

  /// Takes up the file or makes it, with room for all records.
  /// - Throws: `FileError`: no room on the disk, no rights, or another process is filling the same file.
  package init(_ path: String, _ layout: FeatureStoreLayout) throws(FileError) {
    self.layout = layout
    var reason: String?
    if let old = try FeatureFile.existing(path) {
      reason = try old.mismatch(layout)
      if reason == nil {
        let present = try old.presentRecords(layout)
        file = old
        missing = (0..<layout.count).filter { !present[$0] }
        origin = missing.isEmpty ? .complete : .resumed(records: layout.count - missing.count)
        return
      }
    }
    file = try FeatureFile.created(path, layout)
    missing = Array(0..<layout.count)
    origin = reason.map { .replaced(reason: $0) } ?? .created
  }

  /// Writes one record.
  /// - Parameter features: `[positions, channels]`.
  package func write(_ record: Int, _ features: Rows) throws(FileError) {
    precondition(record >= 0 && record < layout.count && features.isDense)
    precondition((features.rows, features.columns) == (layout.positions, layout.channels))
    var halves = [UInt16](repeating: 0, count: layout.valuesPerRecord)
    floatToHalf(features.base, &halves, halves.count)
    try halves.withUnsafeBufferPointer { values throws(FileError) in
      let bytes = UnsafeRawBufferPointer(values)
      try file.contents.write(bytes, at: layout.offset(of: record))
      // After the record: an interruption between the two leaves a record that counts as not written.
      try file.write(FeatureStoreLayout.checksum(bytes), at: layout.tableOffset(of: record))
    }
  }

  /// Takes back a file that was made by this writer, with nothing written.
  func discardIfNew() {
    switch origin {
    case .created, .replaced: unlink(file.contents.path)
    case .resumed, .complete: break
    }
  }

  /// Makes the file a complete one.
  /// - Throws: `FileError` when the disk fails. All of `missing` must have been written.
  package func finish() throws(FileError) {
    let table = try file.table(layout)
    precondition(table.allSatisfy { $0 != 0 }, "records are missing")
    try file.contents.synchronize()
    try file.write(FeatureStoreLayout.finishedMark, at: FeatureStoreLayout.finishedOffset)
    try file.contents.synchronize()
  }
}

/// The file of a store, open for writing by this process alone.
private final class FeatureFile: Sendable {
  let contents: OpenFile

  private init(_ contents: consuming OpenFile) { self.contents = contents }

  /// Nil when there is no file.
  static func existing(_ path: String) throws(FileError) -> FeatureFile? {
    if access(path, F_OK) != 0 && errno == ENOENT { return nil }
    let file = FeatureFile(try OpenFile(path, .readWrite))
    try file.lock()
    return file
  }

  /// A file with nothing in it yet and all the room it will need. One that was there keeps its contents for
  /// those who are reading it, without a name.
  static func created(_ path: String, _ layout: FeatureStoreLayout) throws(FileError) -> FeatureFile {
    guard unlink(path) == 0 || errno == ENOENT else { throw FileError(.replace, path: path, code: errno) }
    let file = FeatureFile(try OpenFile(path, .readWrite, [.create, .exclusiveCreate]))
    do throws(FileError) {
      try file.lock()
      let code = posix_fallocate(file.contents.number, 0, off_t(layout.fileLength))
      guard code == 0 else { throw FileError(.write, path: path, code: code) }
      try file.write(layout.fingerprint, at: 0)
    } catch {
      unlink(path)
      throw error
    }
    return file
  }

  private func lock() throws(FileError) {
    guard flock(contents.number, LOCK_EX | LOCK_NB) == 0 else {
      throw FileError(.lock, path: contents.path, code: errno)
    }
  }

  /// Why the file is not one of this layout; nil when it is.
  func mismatch(_ layout: FeatureStoreLayout) throws(FileError) -> String? {
    let length = try contents.size()
    let expected = layout.fingerprint
    guard length >= FeatureStoreLayout.page, try bytes(at: 0, count: expected.count) == expected else {
      return "made by another encoder or from other pictures"
    }
    return length == layout.fileLength ? nil : "\(length) of \(layout.fileLength) bytes long"
  }

  /// Which records are there. Those of an interrupted run are compared with their checksums: after a power
  /// cut a record can be missing that the table lists.
  func presentRecords(_ layout: FeatureStoreLayout) throws(FileError) -> [Bool] {
    let checksums = try table(layout)
    let mark = try bytes(at: FeatureStoreLayout.finishedOffset, count: 8)
    if mark.withUnsafeBytes({ $0.loadUnaligned(as: UInt64.self) }) == FeatureStoreLayout.finishedMark {
      return checksums.map { $0 != 0 }
    }
    var present = [Bool](repeating: false, count: layout.count)
    for (record, checksum) in checksums.enumerated() where checksum != 0 {
      let contents = try bytes(at: layout.offset(of: record), count: layout.bytesPerRecord)
      present[record] = contents.withUnsafeBytes { FeatureStoreLayout.checksum($0) } == checksum
    }
    return present
  }

  func table(_ layout: FeatureStoreLayout) throws(FileError) -> [UInt64] {
    let bytes = try bytes(at: layout.tableOffset(of: 0), count: layout.count * MemoryLayout<UInt64>.stride)
    return bytes.withUnsafeBytes { raw in
      (0..<layout.count).map {
        UInt64(littleEndian: raw.loadUnaligned(fromByteOffset: $0 * 8, as: UInt64.self))
      }
    }
  }

  func write(_ word: UInt64, at offset: Int) throws(FileError) {
    try write(withUnsafeBytes(of: word.littleEndian) { Array($0) }, at: offset)
  }

  private func write(_ bytes: [UInt8], at offset: Int) throws(FileError) {
    try bytes.withUnsafeBufferPointer { buffer throws(FileError) in
      try contents.write(UnsafeRawBufferPointer(buffer), at: offset)
    }
  }

  private func bytes(at offset: Int, count: Int) throws(FileError) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    try bytes.withUnsafeMutableBufferPointer { buffer throws(FileError) in
      try contents.read(UnsafeMutableRawBufferPointer(buffer), at: offset)
    }
    return bytes
  }
}
