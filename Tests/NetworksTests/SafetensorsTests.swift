import Files
import Foundation
import Networks
import Tensors
import TestSupport
import Testing

@Suite final class SafetensorsTests {
  private let folder: URL

  init() throws {
    folder = FileManager.default.temporaryDirectory.appendingPathComponent("narrate-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: folder) }

  private func write(_ bytes: Data) throws -> String {
    let file = folder.appendingPathComponent("weights.safetensors")
    try bytes.write(to: file)
    return file.path
  }

  private func sample() throws -> Data {
    var writer = SafetensorsWriter(metadata: ["format": "1", "note": "ä \"quoted\""])
    writer.add("a.weight", Tensor(shape: [2, 3], values: [1, -2, 0.5, 65504, 6e-8, 0.1]), half: true)
    writer.add("b", Tensor(shape: [], values: [3.25]), half: false)
    writer.add("empty", Tensor(shape: [0, 4]), half: false)
    writer.add("c", Tensor(shape: [2], values: [0.1, 1e30]), half: false)
    return try writer.encoded()
  }

  @Test func whatIsWrittenIsReadBack() throws {
    let file = try SafetensorsFile(path: try write(sample()))
    #expect(file.names == ["a.weight", "b", "c", "empty"])
    #expect(file.metadata["note"] == "ä \"quoted\"")
    let half = try file.tensor("a.weight", shape: [2, 3]).values
    #expect(half == [1, -2, 0.5, 65504, Float(Float16(6e-8)), Float(Float16(0.1))])
    #expect(try file.tensor("b").values == [3.25])
    #expect(try file.tensor("c").values == [0.1, 1e30])
    #expect(try file.tensor("empty").shape == [0, 4])
    #expect(throws: SafetensorsError.self) { try file.tensor("c", shape: [3]) }
    #expect(throws: SafetensorsError.self) { try file.tensor("d") }
  }

  /// Bytes are bytes, and no numbers; what stands behind an odd number of them is read all the same.
  @Test func bytesComeBack() throws {
    var writer = SafetensorsWriter()
    writer.add("table", bytes: [0, 255, 7])
    writer.add("after", Tensor(shape: [1, 2], values: [1, -2]), half: true)
    let file = try SafetensorsFile(path: try write(writer.encoded()))
    #expect(try file.bytes("table") == [0, 255, 7])
    #expect(file.shape(of: "table") == [3])
    #expect(try file.tensor("after").values == [1, -2])
    #expect(try file.matrix("after", shape: [1, 2]).inputs == 2)
    // Another file takes them as they are.
    var copy = SafetensorsWriter()
    for name in ["table", "after"] { try copy.add(name, from: file) }
    let copied = try SafetensorsFile(path: try write(copy.encoded()))
    #expect(try copied.bytes("table") == [0, 255, 7] && copied.tensor("after") == file.tensor("after"))
    for read in [
      { _ = try file.tensor("table") }, { _ = try file.lazy("table", shape: [3]) },
      { _ = try file.bytes("after") }, { _ = try file.bytes("nothing") },
    ] as [() throws -> Void] {
      #expect(throws: SafetensorsError.self) { try read() }
    }
  }

  @Test func whatIsReadLaterIsTheSame() throws {
    let file = try SafetensorsFile(path: try write(sample()))
    let halves = try file.lazy("a.weight", shape: [2, 3]).withValues {
      Array(UnsafeBufferPointer(start: $0, count: 6))
    }
    #expect(try halves == file.tensor("a.weight").values)
    let singles = try file.lazy("c", shape: [2]).withValues {
      Array(UnsafeBufferPointer(start: $0, count: 2))
    }
    #expect(singles == [0.1, 1e30])
    #expect(throws: SafetensorsError.self) { try file.lazy("c", shape: [3]) }
  }

  /// A header may be of any length, and leave the numbers behind it at odd addresses.
  @Test func halvesAtOddAddressesAreRead() throws {
    let whole = try sample()
    let length = Int(whole[0]) + Int(whole[1]) << 8
    var shifted = withUnsafeBytes(of: UInt64(length + 1).littleEndian) { Data($0) }
    shifted += whole[8..<8 + length] + Data(" ".utf8) + whole[(8 + length)...]
    let expected = try SafetensorsFile(path: try write(whole)).tensor("a.weight")
    let file = try SafetensorsFile(path: try write(shifted))
    #expect(try file.tensor("a.weight") == expected)
    let lazy = try file.lazy("a.weight", shape: [2, 3]).withValues {
      Array(UnsafeBufferPointer(start: $0, count: 6))
    }
    #expect(lazy == expected.values)
    var row = Tensor(shape: [3])
    try file.matrix("a.weight", shape: [2, 3]).copyRow(1, into: row.mutablePointer)
    #expect(row.values == expected.values[3...].map(\.self))
    #expect(try file.tensor("c").values == [0.1, 1e30])
  }

  /// Where it stands in the file; or rounded, if it stands there in single precision.
  @Test func matricesOutliveTheirFile() throws {
    var random = Optional(RandomGenerator(seed: 8))
    let weight = Tensor(shape: [5, 9], normal: 1, using: &random)
    var writer = SafetensorsWriter()
    writer.add("half", weight, half: true)
    writer.add("single", weight, half: false)
    var file: SafetensorsFile? = try SafetensorsFile(path: try write(writer.encoded()))
    let matrices = try ["half", "single"].map { try file?.matrix($0, shape: [5, 9]) }
    #expect(throws: SafetensorsError.self) { try file?.matrix("half", shape: [9, 5]) }
    #expect(throws: SafetensorsError.self) { try file?.matrix("none", shape: [5, 9]) }
    file = nil
    for matrix in matrices {
      var row = Tensor(shape: [9])
      matrix?.copyRow(4, into: row.mutablePointer)
      #expect(row.values == weight.values[36...].map { Float(Float16($0)) })
    }
  }

  @Test func everyCutIsNoticed() throws {
    let whole = try sample()
    for length in 0..<whole.count {
      let path = try write(whole.prefix(length))
      #expect(throws: SafetensorsError.self, "cut at \(length)") { try SafetensorsFile(path: path) }
    }
    let longer = try write(whole + Data([0]))
    #expect(throws: SafetensorsError.self) { try SafetensorsFile(path: longer) }
  }

  @Test func everyFlippedBitOfTheTensorsIsNoticed() throws {
    let whole = try sample()
    let start = 8 + Int(whole[0]) + Int(whole[1]) << 8
    for offset in start..<whole.count {
      var damaged = whole
      damaged[offset] ^= 1 << (offset % 8)
      let path = try write(damaged)
      #expect(throws: SafetensorsError.self, "byte \(offset)") { try SafetensorsFile(path: path) }
    }
  }

  /// A damaged header may still be a header; it must not crash, and must not give tensors of the wrong size.
  @Test func noFlippedBitOfTheHeaderCrashes() throws {
    let whole = try sample()
    let start = 8 + Int(whole[0]) + Int(whole[1]) << 8
    for offset in 0..<start {
      for bit in 0..<8 {
        var damaged = whole
        damaged[offset] ^= 1 << bit
        guard let file = try? SafetensorsFile(path: write(damaged)) else { continue }
        for name in file.names { #expect(try file.tensor(name).count <= 8) }
      }
    }
  }

  @Test(arguments: [
    #"{"a":{"dtype":"F32","shape":[9223372036854775807,2],"data_offsets":[0,8]}}"#,
    #"{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,8]}}"#,
    #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,800]}}"#,
    #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[-8,0]}}"#,
    #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[8]}}"#,
    #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}"#,
    #"{"a":{"dtype":"F64","shape":[1],"data_offsets":[0,8]}}"#,
    #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#,
    #"[1,2]"#, #"{"a":"#, "nonsense",
  ])
  func headersThatLieAreNoticed(header: String) throws {
    var bytes = withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian) { Data($0) }
    bytes += Data(header.utf8) + Data(count: 8)
    let path = try write(bytes)
    #expect(throws: SafetensorsError.self) { try SafetensorsFile(path: path) }
  }

  @Test func aHeaderLongerThanTheFileIsNoticed() throws {
    for length in [UInt64(9), 1 << 40, .max] {
      let path = try write(withUnsafeBytes(of: length.littleEndian) { Data($0) } + Data("{}".utf8))
      #expect(throws: SafetensorsError.self) { try SafetensorsFile(path: path) }
    }
  }

  @Test(arguments: [Float.nan, .infinity, -65_536, 1e-9])
  func whatHalfPrecisionDoesNotHoldIsNotWritten(value: Float) throws {
    let tensor = Tensor(shape: [2], values: [1, value])
    var writer = SafetensorsWriter()
    writer.add("single", tensor, half: false)
    _ = try writer.encoded()
    writer.add("half", tensor, half: true)
    if abs(value) < 1 {
      _ = try writer.encoded()
    } else {
      #expect { try writer.encoded() } throws: { ($0 as? HalfPrecisionError)?.tensor == "half" }
    }
  }

  @Test func errorsNameTheFile() {
    let path = folder.appendingPathComponent("absent").path
    #expect { try SafetensorsFile(path: path) } throws: { "\($0)".contains(path) && !"\($0)".contains("\n") }
    #expect(throws: FileError.self) { try SafetensorsWriter().write(to: "\(path)/x/y") }
  }
}

@Suite struct XXHash64Tests {
  /// Values of the reference implementation (xxhash 0.8) for the bytes 0, 1, 2 … of each length.
  @Test(
    arguments: [
      (0, 0xef46_db37_51d8_e999), (1, 0xe934_a84a_db05_2768), (3, 0xe5c7_bb45_33bc_65dd),
      (4, 0xffce_d860_4453_cc1e), (7, 0x14cc_643f_630c_72d2), (8, 0x884a_1736_14b8_1b8d),
      (12, 0x424a_f23f_1f08_dca5), (31, 0xc346_d2b5_9b4d_8ee1), (32, 0xcbf5_9c51_16ff_32b4),
      (33, 0xc53_5d1a_cafb_8ead), (63, 0xe26a_a9e2_a95f_8e4f), (64, 0xf7c6_7301_db67_13f0),
      (100, 0x6ac1_e580_3216_6597), (255, 0xf7d_9750_7caa_d693), (1000, 0x6ef4_36b0_0eba_4078),
    ] as [(Int, UInt64)])
  func agreesWithTheReference(count: Int, expected: UInt64) {
    let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0) }
    #expect(bytes.withUnsafeBytes { XXHash64.hash($0) } == expected)
  }
}

@Suite struct SafetensorsStreamTests {
  /// What is written as it comes is what is written at once.
  @Test func streamsEqualWriters() throws {
    let folder = try TemporaryFolder()
    var random: RandomGenerator? = RandomGenerator(seed: 1)
    let tensors = [("a", [3, 5], true), ("b", [7], false), ("c", [2, 1], true)].map {
      ($0.0, Tensor(shape: $0.1, normal: 1, using: &random), $0.2)
    }
    var writer = SafetensorsWriter(metadata: ["format": "1"])
    for (name, tensor, half) in tensors { writer.add(name, tensor, half: half) }
    let path = folder.path("stream.safetensors")
    let file = try WholeFile(GivenPath(path))
    var stream = try SafetensorsStream(
      file, tensors.map { .init($0.0, $0.1.shape, isHalf: $0.2) }, metadata: ["format": "1"])
    for (_, tensor, _) in tensors { try stream.add(tensor.pointer) }
    try stream.finish()
    try file.commit()
    #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == writer.encoded())
    _ = try SafetensorsFile(path: path)
  }

  @Test func hashesOfPartsAreThatOfTheWhole() {
    let bytes = (0..<300).map { UInt8(truncatingIfNeeded: $0 * 7) }
    let expected = bytes.withUnsafeBytes { XXHash64.hexadecimal($0) }
    for cuts in [[0], [1, 2, 3], [31, 32, 33], [32, 64], [5, 250, 299], [300]] {
      var (hash, start) = (XXHash64(), 0)
      for end in cuts + [300] {
        bytes[start..<end].withUnsafeBytes { hash.add($0) }
        start = end
      }
      #expect(hash.hexadecimal == expected, "\(cuts)")
    }
  }
}
