import Datasets
import Files
import Foundation
import Networks
import TestSupport
import Testing
import Training

/// A checkpoint is a file like any other: whatever stands in it, going on from it ends in a line of error, or in training.
@Suite struct CheckpointEditTests {
  /// A finished run of one epoch, and its checkpoint.
  private struct Run {
    let laboratory: Laboratory
    let file: URL
    let header: [String: Any]
    let tensors: Data

    init() throws {
      laboratory = try Laboratory()
      laboratory.settings.optimization.epochs = 1
      file = try laboratory.train("run").appendingPathComponent("checkpoint.safetensors")
      let bytes = try Data(contentsOf: file)
      let length = Int(UInt64(littleEndian: bytes.withUnsafeBytes { $0.loadUnaligned(as: UInt64.self) }))
      header = try #require(
        try JSONSerialization.jsonObject(with: bytes[8..<8 + length]) as? [String: Any])
      tensors = bytes[(8 + length)...]
    }

    var metadata: [String: String] { header["__metadata__"] as? [String: String] ?? [:] }

    /// Writes the checkpoint with other metadata.
    func write(_ metadata: [String: String]) throws {
      var header = header
      header["__metadata__"] = metadata
      let text = try JSONSerialization.data(withJSONObject: header)
      var length = UInt64(text.count).littleEndian
      try (Data(bytes: &length, count: 8) + text + tensors).write(to: file)
    }

    /// Writes it with another place.
    /// - Parameter isSealed: whether its checksum is made to fit
    func write(place: String, isSealed: Bool) throws {
      var metadata = metadata
      metadata["place"] = place
      if isSealed {
        let sealed = "\(metadata["format"] ?? "")\u{0}\(metadata["run"] ?? "")\u{0}\(place)"
        metadata["metadata"] = Array(sealed.utf8).withUnsafeBytes { XXHash64.hexadecimal($0) }
      }
      try write(metadata)
    }

    /// What going on says, on one line; nil where it goes on.
    func complaint() -> String? {
      do {
        try laboratory.train("run", resuming: true)
        return nil
      } catch { return "\(error)" }
    }
  }

  private static let values: [String] = [
    "-1", "0", "1", "2", "7", "1000000001", "9223372036854775807", "-9223372036854775808", "1e308", "-1e308",
    "1e-308", "0.5", "1e999", "\"x\"", "\"fineTuning\"", "\"selfCritical\"", "null", "true", "[]", "{}",
  ]

  @Test func everyEditOfThePlaceIsALineOfError() throws {
    let run = try Run()
    let text = try #require(run.metadata["place"])
    let place = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    #expect(place.count >= 12)
    var refused = 0
    for key in place.keys.sorted() {
      for value in Self.values + [nil] {
        let edited = place.keys.sorted().compactMap { name -> String? in
          guard name == key else {
            return "\"\(name)\":" + String(decoding: Self.json(place[name]), as: UTF8.self)
          }
          return value.map { "\"\(name)\":\($0)" }
        }
        try run.write(place: "{" + edited.joined(separator: ",") + "}", isSealed: true)
        guard let complaint = run.complaint() else { continue }
        refused += 1
        #expect(complaint.hasPrefix(run.file.deletingLastPathComponent().path), "\(key): \(complaint)")
        #expect(!complaint.contains("\n"), "\(key): \(complaint)")
      }
    }
    // Most of them are of no run.
    #expect(refused > place.count * Self.values.count / 2)
  }

  private static func json(_ value: Any?) -> Data {
    (try? JSONSerialization.data(withJSONObject: value ?? NSNull(), options: .fragmentsAllowed)) ?? Data()
  }

  @Test func theChecksumCoversThePlace() throws {
    let run = try Run()
    let place = try #require(run.metadata["place"])
    try run.write(place: place, isSealed: false)
    #expect(run.complaint() == nil)
    try run.write(place: place.replacing("\"batch\":0", with: "\"batch\":1"), isSealed: false)
    #expect(run.complaint() == "\(run.file.path): its checksum is not that of what it says")
    for key in ["format", "run", "place", "metadata"] {
      for value in [nil, "", "1", "-9223372036854775808"] {
        var metadata = run.metadata
        metadata[key] = value
        try run.write(metadata)
        let complaint = try #require(run.complaint(), "\(key) \(value ?? "missing")")
        #expect(complaint.hasPrefix("\(run.file.path): "))
      }
    }
  }

  @Test func aLogThatCannotBeDrawnIsRefused() throws {
    let folder = try TemporaryFolder()
    let log = MetricsLog(folder.path("metrics.jsonl"))
    let entry = #"{"epoch":1,"steps":3,"trainingLoss":1.5,"cider":0.5}"#
    for (old, new) in [
      ("\"epoch\":1", "\"epoch\":0"), ("\"epoch\":1", "\"epoch\":9223372036854775807"), ("1.5", "1e308"),
      ("0.5", "-1e308"),
    ] {
      try folder.write(entry + "\n" + entry.replacing(old, with: new), "metrics.jsonl")
      let error = #expect(throws: DataError.self) { try log.entries() }
      #expect(error?.description == "\(log.path): line 2: not what training writes")
    }
    try folder.write(entry.replacing("1.5", with: "\"NaN\""), "metrics.jsonl")
    #expect(try log.entries().count == 1)
  }
}
