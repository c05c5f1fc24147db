import Files
import Foundation
import Language
import Networks
import SystemPackage
import Tensors

/// Makes a model folder of a public checkpoint's.
package struct CheckpointImport {
  private let source: CheckpointSource
  package let configuration: CheckpointConfiguration
  private let pieces: WordPieces
  private let plan: TensorPlan
  private let frames: [String]

  /// Reads and verifies a checkpoint's folder; weights are held against the configuration by their names and shapes.
  /// - Throws: `ImportError`
  package init(from folder: URL) throws {
    // What it is, before what is wrong with it.
    source = try CheckpointSource(folder)
    let settings = try CheckpointSettings(source)
    _ = try settings.architecture()
    var pieces = try source.pieces()
    var configuration = try settings.configuration(pieces: pieces.count)
    for index in pieces.count..<configuration.decoder.words { pieces.append("[unnamed\(index)]") }
    let markers = ["[PAD]", "[CLS]", "[SEP]", "[MASK]", "[UNK]", "[DEC]", "[ENC]"]
    self.pieces = WordPieces(pieces, unwritten: [])
    let named = pieces.indices.filter { markers.contains(pieces[$0]) }.map { Int32($0) }
    configuration.markers.unwritten = Set(configuration.markers.unwritten + named).sorted()
    self.configuration = configuration
    plan = TensorPlan(configuration)
    frames = try Self.frames(configuration, source)
    try check()
  }

  private static func frames(_ configuration: CheckpointConfiguration, _ source: CheckpointSource) throws
    -> [String]
  {
    guard configuration.architecture == .git, configuration.decoder.frames > 1 else { return [] }
    return try (0..<configuration.decoder.frames).map { frame in
      let names = TensorPlan.frameNames(frame)
      guard let name = names.first(where: { source.shape(of: $0) != nil }) else {
        throw ImportError(source.folder.path, "tensor \(names[0]) is missing")
      }
      return name
    }
  }

  private func check() throws {
    func expect(_ name: String, _ shape: [Int]) throws {
      guard let found = source.shape(of: name) else {
        throw ImportError(source.folder.path, "tensor \(name) is missing")
      }
      guard found == shape else {
        throw ImportError(source.folder.path, "tensor \(name) has shape \(found), expected \(shape)")
      }
    }
    for entry in plan.entries { try expect(entry.source, entry.sourceShape) }
    for name in frames { try expect(name, [1, 1, configuration.encoder.width]) }
    let known = Set(plan.entries.map(\.source)).union(plan.idle).union(frames)
    if let extra = source.names.subtracting(known).min() {
      throw ImportError(
        source.folder.path, "tensor \(extra) is none of a \(configuration.architecture.rawValue) captioner's")
    }
  }

  /// Writes the model's folder: all of its files or none.
  /// - Throws: `ImportError`; `FileError` of what is written
  package func write(to folder: URL, card: String) throws {
    let path = FilePath(folder.path)
    let made = try path.makeFolder()
    do {
      let target = ModelFolder(folder)
      func file(_ name: String) throws -> WholeFile { try WholeFile(GivenPath(target.file(name).path)) }
      let bytes = try configuration.encoded()
      let weights = try file(ModelFolder.weightsName)
      try write(weights, digest: XXHash64.hexadecimal(bytes))
      let others = try [
        (ModelFolder.configurationName, bytes), (CaptionModel.vocabularyName, pieces.encoded),
        ("README.md", Data(card.utf8)),
      ].map { name, bytes in
        let file = try file(name)
        try file.write(Array(bytes))
        return file
      }
      try WholeFile.commit(others + [weights])
    } catch {
      for folder in made.reversed() { folder.removeEmptyFolder() }
      throw error
    }
  }

  private func write(_ file: WholeFile, digest: String) throws {
    // Vectors in single precision: they are few, and norms sensitive.
    var entries = plan.entries.map {
      SafetensorsStream.Entry($0.name, $0.shape, isHalf: $0.shape.count > 1)
    }
    let hasBias = plan.entries.contains { $0.name == "encoder.patches.bias" }
    let width = configuration.encoder.width
    if !hasBias { entries.append(.init("encoder.patches.bias", [width], isHalf: false)) }
    if !frames.isEmpty { entries.append(.init("decoder.frames", [frames.count, width], isHalf: false)) }
    var stream = try SafetensorsStream(
      file, entries, metadata: ["format": String(configuration.format), "configuration": digest])
    for entry in plan.entries {
      var tensor = Tensor(shape: entry.sourceShape)
      try source.read(entry.source, into: tensor.mutablePointer)
      source.release(entry.source)
      do {
        try stream.add(tensor.pointer + entry.part.index * entry.count)
      } catch is HalfPrecisionError {
        throw ImportError(
          source.folder.path,
          "tensor \(entry.source) has values that are no numbers, or too large for half precision")
      }
      withExtendedLifetime(tensor) {}
    }
    if !hasBias {
      let none = Tensor(shape: [width])
      try stream.add(none.pointer)
      withExtendedLifetime(none) {}
    }
    if !frames.isEmpty {
      var tensor = Tensor(shape: [frames.count, width])
      for (index, name) in frames.enumerated() {
        try source.read(name, into: tensor.mutablePointer + index * width)
      }
      try stream.add(tensor.pointer)
      withExtendedLifetime(tensor) {}
    }
    try stream.finish()
  }
}
