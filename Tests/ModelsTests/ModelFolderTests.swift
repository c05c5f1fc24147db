import Files
import Foundation
import Models
import Networks
import Tensors
import TestSupport
import Testing

@Suite struct ModelFolderTests {
  private static let sizes = ShotNetwork.Sizes(channels: [2, 2, 2], embedding: 2, hidden: 2)
  private let folder = try! TemporaryFolder()

  private func write(threshold: Float = 0.5, bias: Float = 0) throws {
    var random = Optional(RandomGenerator(seed: 1))
    var network = ShotNetwork(Self.sizes, using: &random)
    let parameter = try #require(network.parameters.first { $0.name.hasSuffix("bias") })
    network[keyPath: parameter.path].fill(bias)
    try ShotModel.write(
      ShotConfiguration(network: Self.sizes, threshold: threshold), network: network, to: folder.url)
  }

  private func change(_ old: String, to new: String) throws {
    let text = try String(contentsOf: folder.url.appendingPathComponent("config.json"), encoding: .utf8)
    #expect(text.contains(old))
    try folder.write(text.replacingOccurrences(of: old, with: new), "config.json")
  }

  private func failure() -> String {
    do {
      _ = try ShotModel(contentsOf: folder.url)
      return ""
    } catch { return "\(error)" }
  }

  @Test func whatIsWrittenIsRead() throws {
    try write(threshold: 0.25)
    #expect(try folder.contents == ["config.json", "model.safetensors"])
    let model = try ShotModel(contentsOf: folder.url)
    #expect(model.configuration == ShotConfiguration(network: Self.sizes, threshold: 0.25))
    #expect(ModelCard(folder: folder.url).kind == .shots)
  }

  @Test func whatCannotBeWrittenLeavesTheModelAsItWas() throws {
    try write()
    let before = try folder.contents.map { try Data(contentsOf: folder.url.appendingPathComponent($0)) }
    func isAsItWas() throws -> Bool {
      try folder.contents.map { try Data(contentsOf: folder.url.appendingPathComponent($0)) } == before
    }
    #expect(throws: HalfPrecisionError.self) { try write(threshold: 0.25, bias: .infinity) }
    #expect(try isAsItWas())
    // A folder stands where the weights go.
    let weights = folder.path("model.safetensors")
    try FileManager.default.moveItem(atPath: weights, toPath: folder.path("kept"))
    try FileManager.default.createDirectory(atPath: weights, withIntermediateDirectories: false)
    #expect(throws: FileError.self) { try write(threshold: 0.25) }
    try FileManager.default.removeItem(atPath: weights)
    try FileManager.default.moveItem(atPath: folder.path("kept"), toPath: weights)
    #expect(try isAsItWas())
    #expect(failure() == "")
  }

  @Test func errorsNameFileAndReason() throws {
    let config = folder.path("config.json")
    #expect(failure() == "\(config): cannot be read")
    for text in ["", "[1]", "{}", #"{"format":1,"kind":7}"#] {
      try folder.write(text, "config.json")
      #expect(failure() == "\(config): not the configuration of a shot model")
    }
    for (old, new) in [
      ("\"shots\"", "\"caption\""), ("\"shots\"", "\"song\""), ("\"format\" : 1", "\"format\" : 2"),
      ("0.5", "1"), ("\"hidden\" : 2", "\"hidden\" : 0"), ("\"hidden\" : 2", "\"hidden\" : 9000"),
    ] {
      try write()
      try change(old, to: new)
      #expect(failure() == "\(config): a configuration that this version cannot run")
    }
    let weights = folder.path("model.safetensors")
    try write()
    try change("0.5", to: "0.6")
    #expect(failure() == "\(weights): weights of another format or configuration than config.json")
    try write()
    try change("\"hidden\" : 2", to: "\"hidden\" : 3")
    var writer = try ShotConfiguration(
      network: ShotNetwork.Sizes(channels: [2, 2, 2], embedding: 2, hidden: 3), threshold: 0.5
    ).weightsWriter()
    writer.add("shots.none", Tensor(shape: [1]), half: true)
    try writer.write(to: weights)
    #expect(failure().hasPrefix("\(weights): damaged weights: tensor shots."))
    try folder.write("", "model.safetensors")
    #expect(failure() == "\(weights): damaged weights: 0 bytes are no safetensors file")
    try FileManager.default.removeItem(atPath: weights)
    #expect(failure() == "\(weights): no such file or directory")
    try FileManager.default.removeItem(atPath: folder.path)
    #expect(failure() == "\(folder.path): no such model folder")
  }

  @Test func kindsOfOtherProgramsKeepTheirNames() throws {
    for kind in [ModelKind.caption, .label, .shots, .other("song")] {
      #expect(ModelKind(rawValue: kind.rawValue) == kind)
      let json = try JSON.encoded([kind], .line)
      #expect(String(decoding: json, as: UTF8.self) == "[\"\(kind.rawValue)\"]")
      #expect(try JSONDecoder().decode([ModelKind].self, from: json) == [kind])
      try folder.write(#"{"kind": "\#(kind.rawValue)"}"#, "config.json")
      #expect(ModelCard(folder: folder.url).kind == kind)
      #expect(try ModelLibrary(searchPaths: [folder.url]).first(kind: kind) == folder.url)
    }
    #expect {
      try ModelLibrary(searchPaths: [folder.url]).first(kind: .other("poem"))
    } throws: {
      "\($0)" == "\(folder.path): no poem model found there"
    }
    #expect {
      try ModelLibrary(searchPaths: [folder.url]).first(kind: .label, encoder: "i3d")
    } throws: {
      "\($0)" == "\(folder.path): no label model with the encoder i3d found there"
    }
  }
}
