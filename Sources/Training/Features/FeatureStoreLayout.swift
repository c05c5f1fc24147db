import Datasets
import Networks

/// What a file of cached features holds and where, so that features of other weights or pictures are not
/// taken for these.
///
/// The file, little-endian: a header of one page (`fingerprint`, then `finishedMark` at byte 1024 once it is
/// complete); a table with 8 bytes a record, the record's checksum, or 0 while it is not written; from the
/// next page on the records, half-precision `[positions, channels]` each.
package struct FeatureStoreLayout: Sendable, Equatable {
  package enum Variant: UInt32, Sendable, CaseIterable {
    case original
    /// Mirrored, left to right.
    case flipped
  }

  package let variant: Variant
  /// Names the encoder's weights and the preprocessing.
  package let encoder: String
  /// Number of records.
  package let count: Int
  /// Rows times columns of the encoder's grid.
  package let positions: Int
  package let channels: Int
  /// Names the pictures, in their order.
  package let examples: UInt64

  /// - Parameters:
  ///   - encoder: a digest of the encoder's weights and of the preprocessing, at most 512 bytes.
  ///   - files: what the records are of, in their order.
  package init(
    _ variant: Variant, encoder: String, positions: Int, channels: Int, files: [SourceFile]
  ) {
    // The length stands for the picture's contents: to read them all would take as long as a small network.
    let listed = files.map { "\($0.id)\u{0}\(DataFile.length($0.path))\u{0}" }.joined()
    self.init(
      variant, encoder: encoder, count: files.count, positions: positions, channels: channels,
      examples: Array(listed.utf8).withUnsafeBytes { XXHash64.hash($0) })
  }

  init(_ variant: Variant, encoder: String, count: Int, positions: Int, channels: Int, examples: UInt64) {
    precondition(count > 0 && positions > 0 && channels > 0 && encoder.utf8.count <= 512)
    self.variant = variant
    self.encoder = encoder
    self.count = count
    self.positions = positions
    self.channels = channels
    self.examples = examples
  }

  /// Numbers of a record.
  package var valuesPerRecord: Int { positions * channels }

  static let page = 4096
  static let finishedOffset = 1024
  static let finishedMark: UInt64 = 0x6465_6873_696e_6966

  var bytesPerRecord: Int { valuesPerRecord * MemoryLayout<UInt16>.stride }
  /// Where a record's checksum stands, in bytes.
  package func tableOffset(of record: Int) -> Int { Self.page + record * MemoryLayout<UInt64>.stride }
  /// Where a record begins, in bytes; that of `count` is where the last one ends.
  package func offset(of record: Int) -> Int {
    (tableOffset(of: count) + Self.page - 1) / Self.page * Self.page + record * bytesPerRecord
  }
  /// In bytes.
  package var fileLength: Int { offset(of: count) }

  /// The beginning of every file of this layout, and of no other.
  package var fingerprint: [UInt8] {
    var bytes = Array("NARRATEF".utf8)
    func append(_ value: UInt64) { withUnsafeBytes(of: value.littleEndian) { bytes += $0 } }
    append(1)  // version
    append(UInt64(variant.rawValue))
    append(UInt64(count))
    append(UInt64(positions))
    append(UInt64(channels))
    append(examples)
    append(UInt64(encoder.utf8.count))
    return bytes + Array(encoder.utf8)
  }

  /// The checksum of a record, never 0.
  static func checksum(_ record: UnsafeRawBufferPointer) -> UInt64 { max(1, XXHash64.hash(record)) }
}

/// A file that features are made of, and what its data set calls it.
package struct SourceFile: Sendable {
  package let id: String
  package let path: String
  package init(id: String, path: String) { (self.id, self.path) = (id, path) }
}
