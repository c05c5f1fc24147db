import Foundation
import Models
import Networks
import Tensors
import TestSupport
import Testing

/// Folders that are no checkpoints, or not quite: one line that says why, and nothing is written.
@Suite struct CheckpointImportTests {
  private let folder: TemporaryFolder
  private var checkpoint: URL { folder.url.appendingPathComponent("git") }
  private var model: URL { folder.url.appendingPathComponent("model") }

  init() throws {
    folder = try TemporaryFolder()
    for name in ["git", "blip"] {
      try FileManager.default.copyItem(
        at: CheckpointGoldenTests.fixture(name), to: folder.url.appendingPathComponent(name))
    }
  }

  private func expectRefused(
    _ reason: String, _ name: String = "git", sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let found = #expect(throws: ImportError.self, sourceLocation: sourceLocation) {
      try CheckpointImport(from: folder.url.appendingPathComponent(name)).write(to: model, card: "")
    }
    #expect(
      found?.description.contains(reason) == true, "\(found?.description ?? "")",
      sourceLocation: sourceLocation)
    #expect(found?.description.contains("\n") == false, sourceLocation: sourceLocation)
    #expect(!FileManager.default.fileExists(atPath: model.path), sourceLocation: sourceLocation)
  }

  private func write(_ text: String, _ name: String) throws {
    try Data(text.utf8).write(to: checkpoint.appendingPathComponent(name))
  }

  private func edit(_ name: String, _ old: String, _ new: String) throws {
    let file = checkpoint.appendingPathComponent(name)
    let text = try String(contentsOf: file, encoding: .utf8)
    #expect(text.contains(old))
    try write(text.replacingOccurrences(of: old, with: new), name)
  }

  private func remove(_ name: String) throws {
    try FileManager.default.removeItem(at: checkpoint.appendingPathComponent(name))
  }

  /// The tensors of the checkpoint, written anew.
  private func rewrite(
    as name: String = "model.safetensors", half: Bool = false,
    _ change: (inout [String: Tensor]) -> Void = { _ in }
  ) throws {
    let old = checkpoint.appendingPathComponent("model.safetensors")
    let file = try SafetensorsFile(path: old.path)
    var tensors: [String: Tensor] = [:]
    for tensor in file.names { tensors[tensor] = try file.tensor(tensor) }
    change(&tensors)
    var writer = SafetensorsWriter()
    for (name, tensor) in tensors.sorted(by: { $0.key < $1.key }) { writer.add(name, tensor, half: half) }
    try writer.write(to: checkpoint.appendingPathComponent(name).path)
  }

  @Test func anotherArchitectureIsNamedWithTheKnownOnes() throws {
    try edit("config.json", "\"model_type\": \"git\"", "\"model_type\": \"llava\"")
    expectRefused("llava; known are git and blip")
  }

  @Test func missingAndExtraTensors() throws {
    try rewrite { $0["output.bias"] = nil }
    expectRefused("tensor output.bias is missing")
    try rewrite {
      $0["output.bias"] = Tensor(shape: [64])
      $0["itm_head.weight"] = Tensor(shape: [2, 2])
    }
    expectRefused("tensor itm_head.weight is none of a git captioner's")
  }

  @Test func wrongShapesAndValues() throws {
    try rewrite { $0["output.bias"] = Tensor(shape: [63]) }
    expectRefused("tensor output.bias has shape [63], expected [64]")
    try rewrite {
      $0["output.bias"] = Tensor(shape: [64])
      $0["output.weight"]?.fill(1e9)
    }
    expectRefused("tensor output.weight has values that are no numbers, or too large")
  }

  @Test func shardsAreFoundByTheirIndexWithinTheFolder() throws {
    let whole = try SafetensorsFile(path: checkpoint.appendingPathComponent("model.safetensors").path)
    let names = whole.names
    try rewrite(as: "one.safetensors") { tensors in
      for name in names[..<20] { tensors[name] = nil }
    }
    try rewrite(as: "two.safetensors") { tensors in
      for name in names[20...] { tensors[name] = nil }
    }
    try remove("model.safetensors")
    func index(_ file: String) throws {
      let map = names.enumerated().map { "\"\($1)\": \"\($0 < 20 ? "two.safetensors" : file)\"" }
      try write("{\"weight_map\": {\(map.joined(separator: ","))}}", "model.safetensors.index.json")
    }
    for file in ["../one.safetensors", "/etc/passwd", "..", "", "a/b"] {
      try index(file)
      expectRefused("is no file of this folder")
    }
    try index("three.safetensors")
    expectRefused("three.safetensors is not there")
    try index("one.safetensors")
    try CheckpointImport(from: checkpoint).write(to: model, card: "")
    #expect(try CheckpointModel(contentsOf: model).weights.names.count == names.count + 1)
  }

  @Test func aPickleIsRefusedWithTheReason() throws {
    try remove("model.safetensors")
    expectRefused("no model.safetensors and no model.safetensors.index.json")
    try write("x", "pytorch_model.bin")
    expectRefused("a Python pickle, which may run any program when it is read")
  }

  @Test func aVocabularyOfAnotherLength() throws {
    try edit("vocab.txt", "[PAD]\n", "")
    expectRefused("a vocabulary of 63 pieces of words, config.json says 64")
    try remove("vocab.txt")
    expectRefused("no such file, and no tokenizer.json")
    try write(#"{"model": {"type": "BPE", "vocab": {"a": 0}}}"#, "tokenizer.json")
    expectRefused("a tokenizer of type BPE; WordPiece is known")
    try write(#"{"model": {"vocab": {"a": 0, "b": 2}}}"#, "tokenizer.json")
    expectRefused("no piece has the index 1")
  }

  @Test func aTokenizerFileServesAsWell() throws {
    let pieces = try String(contentsOf: checkpoint.appendingPathComponent("vocab.txt"), encoding: .utf8)
      .split(separator: "\n")
    let vocabulary = pieces.enumerated().dropFirst(3).map { "\"\($1)\": \($0)" }.joined(separator: ", ")
    let added = pieces.prefix(3).enumerated().map { "{\"id\": \($0), \"content\": \"\($1)\"}" }
      .joined(separator: ", ")
    try write(
      "{\"added_tokens\": [\(added)], \"model\": {\"type\": \"WordPiece\", \"vocab\": {\(vocabulary)}}}",
      "tokenizer.json")
    try remove("vocab.txt")
    try CheckpointImport(from: checkpoint).write(to: model, card: "")
    #expect(try CheckpointModel(contentsOf: model).pieces.pieces == pieces.map(String.init))
  }

  /// Halves, bfloat16 and floats become the same where they say the same.
  @Test func numbersOfAllKinds() throws {
    let file = checkpoint.appendingPathComponent("model.safetensors")
    try rewrite { tensors in
      for name in tensors.keys {
        // What bfloat16 holds, half precision holds too, if it is not too small.
        tensors[name] = Tensor(
          shape: tensors[name]?.shape ?? [],
          values: (tensors[name]?.values ?? []).map { (($0 * 64).rounded() / 64) })
      }
    }
    let single = try Data(contentsOf: file)
    try CheckpointImport(from: checkpoint).write(to: model, card: "")
    let expected = try Data(contentsOf: model.appendingPathComponent("model.safetensors"))
    try rewrite(half: true)
    try CheckpointImport(from: checkpoint).write(to: model, card: "")
    #expect(try Data(contentsOf: model.appendingPathComponent("model.safetensors")) == expected)
    try single.write(to: file)
    try asBFloat16(file)
    try CheckpointImport(from: checkpoint).write(to: model, card: "")
    #expect(try Data(contentsOf: model.appendingPathComponent("model.safetensors")) == expected)
  }

  private func asBFloat16(_ file: URL) throws {
    let whole = try SafetensorsFile(path: file.path)
    var (header, bytes) = ([String](), Data())
    for name in whole.names {
      let tensor = try whole.tensor(name)
      let start = bytes.count
      for value in tensor.values {
        withUnsafeBytes(of: UInt16(value.bitPattern >> 16).littleEndian) { bytes.append(contentsOf: $0) }
      }
      header.append(
        "\"\(name)\":{\"dtype\":\"BF16\",\"shape\":\(tensor.shape),\"data_offsets\":[\(start),\(bytes.count)]}"
      )
    }
    let text = Data("{\(header.joined(separator: ","))}".utf8)
    try (withUnsafeBytes(of: UInt64(text.count).littleEndian) { Data($0) } + text + bytes).write(to: file)
  }

  @Test func aDownloadThatIsCutShort() throws {
    let file = checkpoint.appendingPathComponent("model.safetensors")
    let bytes = try Data(contentsOf: file)
    for count in [0, 5, 100, bytes.count / 2, bytes.count - 1] {
      try bytes.prefix(count).write(to: file)
      expectRefused("model.safetensors")
    }
  }

  @Test func settingsThatNoNetworkHas() throws {
    for (old, new, reason) in [
      ("\"hidden_act\": \"gelu\"", "\"hidden_act\": \"silu\"", "the activation silu"),
      ("\"num_attention_heads\": 3", "\"num_attention_heads\": 5", "sizes that no such network has"),
      ("\"vocab_size\": 64", "\"vocab_size\": \"many\"", "vocab_size is no whole number"),
      ("\"eos_token_id\": 2", "\"eos_token_id\": 64", "a marker that is not in the vocabulary"),
      ("\"num_channels\": 3", "\"num_channels\": 4", "not red, green and blue"),
      ("\"image_size\": 32", "\"image_size\": 0", "another size than the network's 0 pixels"),
    ] {
      try edit("config.json", old, new)
      expectRefused(reason)
      try edit("config.json", new, old)
    }
    for (old, new, reason) in [
      ("\"resample\": 3", "\"resample\": 0", "a way to resample that is not known"),
      ("\"do_normalize\": true", "\"do_normalize\": false", "not resized, rescaled and normalized"),
      ("\"shortest_edge\": 32", "\"shortest_edge\": 16", "another size than the network's 32 pixels"),
    ] {
      try edit("preprocessor_config.json", old, new)
      expectRefused(reason)
      try edit("preprocessor_config.json", new, old)
    }
    try remove("preprocessor_config.json")
    expectRefused("preprocessor_config.json: no such file")
    try write("[1, 2", "config.json")
    expectRefused("not a JSON object")
    expectRefused("no such folder", "none")
  }

  /// A model folder of which a file was exchanged.
  @Test func aModelIsWholeOrRefused() throws {
    try CheckpointImport(from: checkpoint).write(to: model, card: "")
    _ = try CheckpointModel(contentsOf: model)
    let vocabulary = model.appendingPathComponent("vocabulary.txt")
    let weights = model.appendingPathComponent("model.safetensors")
    let (words, bytes) = (try Data(contentsOf: vocabulary), try Data(contentsOf: weights))
    try words.dropLast(8).write(to: vocabulary)
    #expect(throws: ModelError.self) { try CheckpointModel(contentsOf: model) }
    try words.write(to: vocabulary)
    try (bytes.dropLast(1) + [7]).write(to: weights)
    #expect(throws: ModelError.self) { try CheckpointModel(contentsOf: model) }
    try CheckpointImport(from: folder.url.appendingPathComponent("blip"))
      .write(to: folder.url.appendingPathComponent("other"), card: "")
    try Data(contentsOf: folder.url.appendingPathComponent("other/model.safetensors")).write(to: weights)
    #expect(throws: ModelError.self) { try CheckpointModel(contentsOf: model) }
  }
}
