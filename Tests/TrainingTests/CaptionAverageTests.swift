import Foundation
import Models
import Networks
import Testing
import Training

/// The mean of several models.
@Suite struct CaptionAverageTests {
  private static func names(of model: CaptionModel) -> [String] {
    model.weights.names.filter { !model.weights.isOfBytes($0) }
  }

  @Test func theMeanIsBetweenTheModels() throws {
    let laboratory = try Laboratory()
    laboratory.settings.optimization.epochs = 1
    try laboratory.train("base")
    var folders: [URL] = []
    for seed in 1...2 {
      laboratory.settings.seed = UInt64(seed)
      folders.append(try laboratory.train("seed\(seed)", from: "base"))
    }
    let mean = laboratory.output("mean")
    try FileManager.default.createDirectory(at: mean, withIntermediateDirectories: true)
    // Shares, whatever their sum.
    try CaptionAverage([(folders[0], 1.5e308), (folders[1], 0.5e308)]).write(to: mean)
    let models = try (folders + [mean]).map { try CaptionModel(contentsOf: $0) }
    #expect(
      models[2].configuration == models[0].configuration && models[2].vocabulary == models[0].vocabulary)
    var apart = 0
    for name in Self.names(of: models[0]) {
      let tensors = try models.map { try $0.weights.tensor(name).values }
      for (index, value) in tensors[2].enumerated() {
        let (one, other) = (tensors[0][index], tensors[1][index])
        if one != other { apart += 1 }
        // Rounded to half precision.
        #expect(abs(value - (0.75 * one + 0.25 * other)) <= abs(value) / 2048 + 6e-8, "\(name) \(index)")
      }
    }
    #expect(apart > 1000)
    // A model with itself is itself.
    let same = laboratory.output("same")
    try FileManager.default.createDirectory(at: same, withIntermediateDirectories: true)
    try CaptionAverage([(folders[0], 1), (folders[0], 2)]).write(to: same)
    let (first, again) = (models[0].weights, try CaptionModel(contentsOf: same).weights)
    #expect(first.names == again.names && first.metadata["configuration"] == again.metadata["configuration"])
    for name in Self.names(of: models[0]) {
      #expect(try first.tensor(name).values == again.tensor(name).values)
    }
  }

  @Test func modelsOfAnotherKindAreNamed() throws {
    let laboratory = try Laboratory()
    laboratory.settings.optimization.epochs = 1
    let first = try laboratory.train("first")
    try laboratory.addMany(training: 3, validation: 2)
    let words = try laboratory.train("words", on: ["many"])
    laboratory.settings.decoder.hidden = 20
    let sizes = try laboratory.train("sizes")
    for (other, reason) in [(words, "another configuration"), (sizes, "another configuration")] {
      #expect(throws: ModelError.damaged(path: other.path, reason: "\(reason) than \(first.path)")) {
        try CaptionAverage([(first, 1), (other, 1)])
      }
    }
    // As many words, and another among them.
    let text = first.appendingPathComponent("vocabulary.txt")
    let copy = laboratory.output("copy")
    try FileManager.default.copyItem(at: first, to: copy)
    let changed = try String(contentsOf: text, encoding: .utf8).replacing("picture", with: "pictures")
    try Data(changed.utf8).write(to: copy.appendingPathComponent("vocabulary.txt"))
    #expect(throws: ModelError.damaged(path: copy.path, reason: "another vocabulary than \(first.path)")) {
      try CaptionAverage([(first, 1), (copy, 1)])
    }
    let none = laboratory.output("none")
    #expect(throws: ModelError.missing(path: none.path, reason: "no such model folder")) {
      try CaptionAverage([(first, 1), (none, 1)])
    }
  }
}
