import Compute
import Datasets
import Files
import Glibc
import Tensors

/// The encoder's features of a data set's pictures, read from a file that a `FeatureStoreWriter` finished.
package final class FeatureStore: Sendable {
  package let layout: FeatureStoreLayout
  package let path: String
  private let mapping: MappedFile

  /// Maps the file into memory; nothing is read yet.
  /// - Throws: `DataError` when there is no such file, or it is not complete or of another layout;
  ///   `FileError` when it cannot be read.
  package init(_ path: String, _ layout: FeatureStoreLayout) throws {
    let file = try DataFile.open(path)
    let length = try file.size()
    guard length == layout.fileLength else {
      throw DataError(.damaged, path: path, reason: "\(length) bytes long, not \(layout.fileLength)")
    }
    self.layout = layout
    self.path = path
    mapping = try MappedFile(file, readsAhead: false, failing: .map)
    guard mapping.bytes.starts(with: layout.fingerprint) else {
      throw DataError(.damaged, path: path, reason: "made by another encoder or from other pictures")
    }
    guard word(at: FeatureStoreLayout.finishedOffset) == FeatureStoreLayout.finishedMark else {
      throw DataError(.damaged, path: path, reason: "not complete")
    }
  }

  /// The features of one picture, in single precision.
  /// - Parameter destination: `[positions, channels]`, overwritten.
  /// - Throws: `DataError` when the record's bytes are not those that were written.
  package func read(_ record: Int, into destination: MutableRows) throws(DataError) {
    precondition(record >= 0 && record < layout.count && destination.isDense)
    precondition((destination.rows, destination.columns) == (layout.positions, layout.channels))
    let start = layout.offset(of: record)
    let bytes = UnsafeRawBufferPointer(rebasing: mapping.bytes[start..<start + layout.bytesPerRecord])
    guard FeatureStoreLayout.checksum(bytes) == word(at: layout.tableOffset(of: record)) else {
      throw DataError(
        .damaged, path: path, location: "record \(record)",
        reason: "bytes changed since written; delete the file to remake it")
    }
    // Records begin at multiples of two bytes in a mapping that begins at a page.
    bytes.withMemoryRebound(to: UInt16.self) { halves in
      guard let source = halves.baseAddress else { return }
      halfToFloat(source, destination.base, halves.count)
    }
  }

  private func word(at offset: Int) -> UInt64 {
    UInt64(littleEndian: mapping.bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
  }
}
