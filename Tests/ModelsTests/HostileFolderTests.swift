import Files
import Foundation
import Glibc
import Models
import Networks
import Tensors
import TestSupport
import Testing

/// Model folders of strangers: sizes that the file does not have, and files that are none.
@Suite struct HostileFolderTests {
  private let folder = try! TemporaryFolder()

  /// Writes a configuration and weights that name it, of one tensor that no network has.
  private func write(_ configuration: some ModelConfiguration, _ texts: [String: String] = [:]) throws {
    var writer = try configuration.weightsWriter()
    writer.add("nothing", Tensor(shape: [1]), half: true)
    try folder.write(configuration.encoded(), "config.json")
    try folder.write(writer.encoded(), "model.safetensors")
    for (name, text) in texts { try folder.write(text, name) }
  }

  private func lines(_ count: Int, before: [String] = []) -> String {
    (before + (before.count..<count).map { "w\($0)" }).joined(separator: "\n") + "\n"
  }

  private func failure(_ body: () throws -> Void) -> String {
    do {
      try body()
      return "no error"
    } catch { return "\(error)" }
  }

  /// 40 GB of a matrix that the file does not have, 160 GB of a recurrence.
  @Test func sizesAreHeldAgainstTheFileBeforeThereIsMemory() throws {
    let many = 100_000
    let missing = "\(folder.path("model.safetensors")): damaged weights: tensor "
    for cell in [ActionNetwork.Cell.lstm, .average] {
      let sizes = ActionNetwork.Sizes(
        cell: cell, channels: EfficientNetLite.channels, projection: many, hidden: many, attention: many,
        labels: many)
      try write(
        ActionConfiguration(
          encoder: .efficientNet(EfficientNetLite(.lite0)), network: sizes, framesPerWindow: 8,
          windowSeconds: 4),
        ["labels.txt": lines(many)])
      let model = try ActionModel(contentsOf: folder.url)
      #expect(failure { _ = try model.head() } == missing + "action.projection.weight is missing")
    }
    try write(
      ShotConfiguration(
        network: ShotNetwork.Sizes(channels: [4096, 4096, 4096], embedding: 4096, hidden: 4096),
        threshold: 0.5))
    #expect(
      failure { _ = try ShotModel(contentsOf: folder.url) } == missing + "shots.first.weight is missing")
    for transformer in [nil, TransformerSizes(layers: 64, heads: 1, feedForward: 65_536)] {
      let sizes = DecoderSizes(
        words: 1000, channels: EfficientNetLite.channels, embedding: 1_000_000, hidden: 1_000_000,
        attention: 1_000_000, projection: 1_000_000, styles: nil, frameKnots: 1_000_000,
        transformer: transformer)
      try write(
        CaptionConfiguration(
          encoder: EfficientNetLite(.lite0), decoder: sizes,
          decoding: CaptionConfiguration.Decoding(lengthExponent: 0.7)),
        ["vocabulary.txt": lines(1000, before: ["<pad>", "<bos>", "<eos>", "<unk>"])])
      let model = try CaptionModel(contentsOf: folder.url)
      #expect(failure { _ = try model.decoder() } == missing + "decoder.embedding.weight is missing")
      #expect(
        failure { _ = try CaptionDecoder(sizes, from: model.weights) }
          == missing + "decoder.embedding.weight is missing")
    }
  }

  /// A detector says how many units it has by the shape of one tensor, which may have no elements.
  @Test func aDetectorIsReadByWhatTheFileHas() throws {
    let header = #"""
      {"detector.projection.bias":{"dtype":"F32","shape":[4000000000000000,0],"data_offsets":[0,0]},
       "detector.things":{"dtype":"U8","shape":[6],"data_offsets":[0,6]},
       "detector.words":{"dtype":"U8","shape":[1],"data_offsets":[6,7]},
       "detector.styles":{"dtype":"U8","shape":[1],"data_offsets":[7,8]}}
      """#
    var length = UInt64(header.utf8.count).littleEndian
    let file = try folder.write(
      Data(bytes: &length, count: 8) + Data(header.utf8) + Data("a: a\nbws".utf8), "w.safetensors")
    let weights = try SafetensorsFile(path: file.path)
    #expect(failure { _ = try FoundWords.read(from: weights) }.hasPrefix("\(file.path): damaged weights: "))
  }

  @Test func windowsAndInputsAreBounded() throws {
    func configuration(_ change: (inout ActionConfiguration) -> Void) -> ActionConfiguration {
      var configuration = ActionConfiguration(
        encoder: .efficientNet(EfficientNetLite(.lite0)),
        network: ActionNetwork.Sizes(
          cell: .gru, channels: EfficientNetLite.channels, projection: 2, hidden: 2, attention: 2, labels: 2),
        framesPerWindow: 8, windowSeconds: 4)
      change(&configuration)
      return configuration
    }
    #expect(configuration { _ in }.isSound)
    #expect(!configuration { $0.windowSeconds = 1e-45 }.isSound)
    #expect(!configuration { $0.windowSeconds = 0.09 }.isSound)
    #expect(!configuration { $0.strideSeconds = 1e-45 }.isSound)
    #expect(!configuration { $0.windowSeconds = 1e300 }.isSound)
    #expect(!configuration { $0.framesPerWindow = 100_000 }.isSound)
    for side in [1, 31, 2049, 100_000] {
      #expect(
        !configuration { $0.encoder = .efficientNet(EfficientNetLite(.lite0, inputSize: side)) }.isSound)
    }
  }

  /// A pipe that nobody writes to kept the program waiting for good.
  @Test(.timeLimit(.minutes(1))) func pipesAreNotWaitedFor() throws {
    let names = ["config.json", "model.safetensors", "README.md", "vocabulary.txt"]
    for name in names {
      try write(
        CaptionConfiguration(
          encoder: EfficientNetLite(.lite0),
          decoder: DecoderSizes(
            words: 5, channels: EfficientNetLite.channels, embedding: 2, hidden: 2, attention: 2,
            projection: 2),
          decoding: CaptionConfiguration.Decoding(lengthExponent: 0.7)),
        ["vocabulary.txt": lines(5, before: ["<pad>", "<bos>", "<eos>", "<unk>"]), "README.md": "text"])
      #expect(failure { _ = try CaptionModel(contentsOf: folder.url) } == "no error")
      let path = folder.path(name)
      try FileManager.default.removeItem(atPath: path)
      #expect(mkfifo(path, 0o600) == 0)
      if name != "README.md" {
        #expect(failure { _ = try CaptionModel(contentsOf: folder.url) } == "\(path): not a regular file")
      }
      if name != "vocabulary.txt" {
        #expect(ModelCard(folder: folder.url).problem?.hasPrefix("\(name): ") == true)
      }
      try FileManager.default.removeItem(atPath: path)
    }
  }

  /// A file may be said to have terabytes.
  @Test func hugeTextsAreNotRead() throws {
    try folder.write("{", "config.json")
    #expect(truncate(folder.path("config.json"), 1 << 40) == 0)
    #expect(
      failure { _ = try ShotModel(contentsOf: folder.url) }
        == "\(folder.path("config.json")): larger than 67108864 bytes")
    #expect(ModelCard(folder: folder.url).problem == "config.json: larger than 67108864 bytes")
  }

  @Test func whatAFileSaysOfItselfIsNotRepeatedWithoutEnd() throws {
    let name = String(repeating: "x", count: 1_000_000)
    let header = #"{"\#(name)":{"dtype":"F64","shape":[1],"data_offsets":[0,8]}}"#
    var length = UInt64(header.utf8.count).littleEndian
    let file = try folder.write(
      Data(bytes: &length, count: 8) + Data(header.utf8) + Data(count: 8), "w.safetensors")
    #expect(failure { _ = try SafetensorsFile(path: file.path) }.count < 700 + file.path.count)
  }
}
