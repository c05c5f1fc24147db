import Datasets
import Files
import Foundation
import Models
import Narration
import Tensors
import TestSupport
import Testing
import Training

@Suite struct FeatureStoreTests {
  let folder = try! TemporaryFolder()
  var path: String { folder.path("features") }

  private func layout(
    _ variant: FeatureStoreLayout.Variant = .original, encoder: String = "weights-1", count: Int = 7,
    positions: Int = 3, channels: Int = 5, first: String = "0"
  ) -> FeatureStoreLayout {
    let pictures = (0..<count).map { number in
      SourceFile(
        id: number == 0 ? first : "\(number)", path: folder.path("\(number)"))
    }
    return FeatureStoreLayout(
      variant, encoder: encoder, positions: positions, channels: channels, files: pictures)
  }

  /// What halves hold exactly, different in every record.
  private func features(_ record: Int, _ layout: FeatureStoreLayout) -> [Float] {
    (0..<layout.valuesPerRecord).map { Float(record) + Float($0 % 32) / 32 }
  }

  private func write(
    _ features: [Float], to record: Int, _ writer: FeatureStoreWriter, _ layout: FeatureStoreLayout
  )
    throws
  {
    try features.withUnsafeRows(layout.positions) { try writer.write(record, $0) }
  }

  private func fill(_ layout: FeatureStoreLayout) throws {
    let writer = try FeatureStoreWriter(path, layout)
    for record in writer.missing { try write(features(record, layout), to: record, writer, layout) }
    try writer.finish()
  }

  private func read(_ record: Int, _ store: FeatureStore) throws -> [Float] {
    var values = Tensor(shape: [store.layout.positions, store.layout.channels])
    values.fill(.nan)
    try store.read(record, into: values.mutableRows)
    return values.values
  }

  /// Changes the file behind everybody's back.
  private func tamper(_ body: (inout Data) -> Void) throws {
    let url = URL(fileURLWithPath: path)
    var data = try Data(contentsOf: url)
    body(&data)
    try data.write(to: url)
  }

  /// Where a record's bytes stand in the file.
  private func place(of record: Int, _ layout: FeatureStoreLayout) -> Range<Int> {
    layout.offset(of: record)..<layout.offset(of: record + 1)
  }

  private func origin(_ layout: FeatureStoreLayout) throws -> FeatureStoreWriter.Origin {
    try FeatureStoreWriter(path, layout).origin
  }

  @Test func givesBackWhatWasWritten() throws {
    let layout = layout()
    let writer = try FeatureStoreWriter(path, layout)
    #expect(writer.origin == .created)
    #expect(writer.missing == Array(0..<7))
    for record in writer.missing.reversed() {
      try write(features(record, layout), to: record, writer, layout)
    }
    try writer.finish()
    let store = try FeatureStore(path, layout)
    for record in 0..<7 { #expect(try read(record, store) == features(record, layout)) }
  }

  @Test func roundsToHalfPrecision() throws {
    let layout = layout(count: 1, positions: 1, channels: 6)
    let values: [Float] = [0.1, -2.7182817, 1e-7, 65504, 1e6, -0.0]
    let writer = try FeatureStoreWriter(path, layout)
    try write(values, to: 0, writer, layout)
    try writer.finish()
    #expect(
      try read(0, try FeatureStore(path, layout)) == [
        0.099975586, -2.71875, 1.1920929e-7, 65504, .infinity, 0,
      ])
  }

  @Test func findsItselfComplete() throws {
    try fill(layout())
    let before = try Data(contentsOf: URL(fileURLWithPath: path))
    let writer = try FeatureStoreWriter(path, layout())
    #expect(writer.origin == .complete && writer.missing.isEmpty)
    try writer.finish()
    #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == before)
  }

  @Test func goesOnWhereItWasInterrupted() throws {
    let layout = layout()
    do {
      let writer = try FeatureStoreWriter(path, layout)
      for record in [0, 1, 4] { try write(features(record, layout), to: record, writer, layout) }
    }
    #expect(throws: DataError(.damaged, path: path, reason: "not complete")) {
      try FeatureStore(path, layout)
    }
    do {
      let writer = try FeatureStoreWriter(path, layout)
      #expect(writer.origin == .resumed(records: 3))
      #expect(writer.missing == [2, 3, 5, 6])
      for record in writer.missing { try write(features(record, layout), to: record, writer, layout) }
      // Interrupted again, before `finish`.
    }
    let writer = try FeatureStoreWriter(path, layout)
    #expect(writer.origin == .complete)
    try writer.finish()
    let store = try FeatureStore(path, layout)
    for record in 0..<7 { #expect(try read(record, store) == features(record, layout)) }
  }

  /// After a power cut the table may list a record that never reached the disk.
  @Test func doesNotTrustTheTableOfAnInterruptedRun() throws {
    let layout = layout()
    do {
      let writer = try FeatureStoreWriter(path, layout)
      for record in 0..<3 { try write(features(record, layout), to: record, writer, layout) }
    }
    let second = place(of: 1, layout)
    try tamper { $0.replaceSubrange(second, with: Data(count: second.count)) }
    #expect(try FeatureStoreWriter(path, layout).missing == [1, 3, 4, 5, 6])
  }

  @Test func detectsEveryFlippedBitOfARecord() throws {
    let layout = layout()
    try fill(layout)
    for byte in place(of: 1, layout) {
      try tamper { $0[byte] ^= 1 << UInt8(byte % 8) }
      let store = try FeatureStore(path, layout)
      let error = #expect(throws: DataError.self) { try read(1, store) }
      #expect(error?.kind == .damaged && error?.path == path && error?.location == "record 1")
      #expect(try read(0, store) == features(0, layout))
      #expect(try read(2, store) == features(2, layout))
      try tamper { $0[byte] ^= 1 << UInt8(byte % 8) }
    }
    try tamper { $0[layout.tableOffset(of: 1)] ^= 1 }
    #expect(throws: DataError.self) { try read(1, try FeatureStore(path, layout)) }
  }

  @Test func detectsEveryFlippedByteOfTheHeader() throws {
    let layout = layout()
    for byte in layout.fingerprint.indices {
      try fill(layout)
      try tamper { $0[byte] ^= 0x10 }
      let error = #expect(throws: DataError.self) { try FeatureStore(path, layout) }
      #expect(error?.reason == "made by another encoder or from other pictures")
      #expect(try origin(layout) == .replaced(reason: "made by another encoder or from other pictures"))
    }
  }

  @Test func isMadeAgainWhenCutShort() throws {
    let layout = layout()
    try fill(layout)
    let length = try Data(contentsOf: URL(fileURLWithPath: path)).count
    #expect(length == layout.fileLength)
    let other = "made by another encoder or from other pictures"
    let header = layout.fingerprint.count
    for left in [0, 1, header - 1, header, layout.tableOffset(of: 0), layout.offset(of: 0) - 1, length - 1] {
      try fill(layout)
      try tamper { $0 = $0.prefix(left) }
      #expect(throws: DataError(.damaged, path: path, reason: "\(left) bytes long, not \(length)")) {
        try FeatureStore(path, layout)
      }
      let found = try origin(layout)
      let isCut = found == .replaced(reason: "\(left) of \(length) bytes long")
      #expect(isCut || found == .replaced(reason: other), "\(left)")
      // Whatever is behind the header, it says whose it is.
      if left > layout.tableOffset(of: 0) { #expect(isCut, "\(left)") }
      if left < header { #expect(!isCut, "\(left)") }
    }
    try fill(layout)
    try tamper { $0.append(0) }
    #expect(try origin(layout) == .replaced(reason: "\(length + 1) of \(length) bytes long"))
  }

  @Test func isMadeAgainForOtherEncodersAndPictures() throws {
    try fill(layout())
    try folder.write([1, 2, 3], "4")
    let changed = layout()
    try FileManager.default.removeItem(at: folder.url.appendingPathComponent("4"))
    let others = [
      changed, layout(.flipped), layout(encoder: "weights-2"), layout(encoder: ""), layout(count: 8),
      layout(positions: 5, channels: 3), layout(channels: 6), layout(first: "00"),
    ]
    for other in others {
      #expect(other != layout())
      try fill(layout())
      #expect(throws: DataError.self) { try FeatureStore(path, other) }
      let writer = try FeatureStoreWriter(path, other)
      #expect(writer.origin == .replaced(reason: "made by another encoder or from other pictures"))
      #expect(writer.missing == Array(0..<other.count))
    }
  }

  /// Who is reading a store when another run replaces it keeps reading the old one.
  @Test func doesNotPullTheFileFromUnderAReader() throws {
    let old = layout()
    try fill(old)
    let store = try FeatureStore(path, old)
    try fill(layout(encoder: "weights-2"))
    #expect(try read(3, store) == features(3, old))
  }

  @Test func takesRecordsFromSeveralThreads() async throws {
    let layout = layout(count: 64, positions: 4, channels: 256)
    let writer = try FeatureStoreWriter(path, layout)
    let all = (0..<64).map { features($0, layout) }
    try await withThrowingTaskGroup(of: Void.self) { group in
      for record in 0..<64 { group.addTask { try write(all[record], to: record, writer, layout) } }
      try await group.waitForAll()
    }
    try writer.finish()
    let store = try FeatureStore(path, layout)
    for record in 0..<64 { #expect(try read(record, store) == features(record, layout)) }
  }

  @Test func namesThePathWhenTheSystemRefuses() throws {
    let none = folder.path("none/features")
    #expect(throws: FileError(.open, path: none, code: ENOENT)) { try FeatureStoreWriter(none, layout()) }
    #expect(throws: DataError(.missing, path: none, reason: "no such file")) {
      try FeatureStore(none, layout())
    }
    #expect(throws: FileError(.open, path: folder.url.path, code: EISDIR)) {
      try FeatureStoreWriter(folder.url.path, layout())
    }
    let writer = try FeatureStoreWriter(path, layout())
    #expect(throws: FileError(.lock, path: path, code: EWOULDBLOCK)) {
      try FeatureStoreWriter(path, layout())
    }
    withExtendedLifetime(writer) {}
  }

  /// Room for all records is taken at the beginning, so that a full disk is told before hours of work.
  @Test func takesNoFileForWhichThereIsNoRoom() throws {
    let huge = layout(count: 2, positions: 1 << 20, channels: 1 << 30)
    let error = #expect(throws: FileError.self) { try FeatureStoreWriter(path, huge) }
    #expect(error?.path == path && [ENOSPC, EFBIG].contains(error?.code))
    #expect(try folder.contents == [])
  }
}
