import Datasets
import Foundation
import Language
import Models
import Narration
import Networks
import Tensors
import Testing
import Training

/// Going on from a trained model.
@Suite struct AdaptationTests {
  @Test func aModelIsGoneOnFrom() throws {
    let laboratory = try Laboratory()
    try laboratory.addClips()
    laboratory.settings.optimization.epochs = 1
    try laboratory.train("base", on: ["data", "clips"])
    let base = try CaptionModel(contentsOf: laboratory.output("base"))
    let theirs = try CaptionDecoder(base.configuration.decoder, from: base.weights)
    // The same data: everything is taken over.
    var random = Optional(RandomGenerator(seed: 5))
    var same = CaptionDecoder(theirs.sizes, using: &random)
    try same.adapt(base, words: base.vocabulary, styles: ["data", "clips"])
    for parameter in theirs.parameters {
      #expect(same[keyPath: parameter.path] == theirs[keyPath: parameter.path], "\(parameter.name)")
    }
    // Other words, one of them new, and styles the other way round, one of them new.
    let words = Vocabulary(words: Vocabulary.specials + ["clip", "zebra", "a"])
    var sizes = theirs.sizes
    (sizes.words, sizes.styles) = (7, 3)
    let fresh = CaptionDecoder(sizes, using: &random)
    var other = fresh
    try other.adapt(base, words: words, styles: ["clips", "zoo", "data"])
    func row(_ tensor: Tensor, _ index: Int) -> [Float] {
      let width = tensor.count / tensor.shape[0]
      return Array(tensor.values[index * width..<(index + 1) * width])
    }
    for path in [\CaptionDecoder.embedding, \CaptionDecoder.output.weight, \CaptionDecoder.output.bias] {
      for (index, word) in words.words.enumerated() where word != "zebra" {
        #expect(
          row(other[keyPath: path], index) == row(theirs[keyPath: path], Int(base.vocabulary.index(of: word)))
        )
      }
      #expect(row(other[keyPath: path], 5) == row(fresh[keyPath: path], 5))
    }
    #expect((0..<3).map { row(other.style, $0) } == [1, 0, 0].map { row(theirs.style, $0) })
    let recurrent = try #require(theirs.parameters.first { $0.name == "lstm.recurrent.weight" })
    #expect(other[keyPath: recurrent.path] == theirs[keyPath: recurrent.path])
    // One style: its code goes into the words.
    sizes.styles = nil
    var one = CaptionDecoder(sizes, using: &random)
    try one.adapt(base, words: words, styles: ["clips"])
    let expected = zip(row(theirs.embedding, Int(base.vocabulary.index(of: "a"))), row(theirs.style, 1)).map(
      +)
    #expect(row(one.embedding, 6) == expected)
  }

  @Test func trainingGoesOnFromAModel() throws {
    let laboratory = try Laboratory()
    laboratory.settings.optimization.epochs = 3
    try laboratory.train("base")
    laboratory.settings.optimization.epochs = 1
    let first = try laboratory.train("alone")
    let second = try laboratory.train("again", from: "base")
    let losses = try [first, second].map {
      try MetricsLog($0.appendingPathComponent("metrics.jsonl").path).entries()[0].trainingLoss
    }
    #expect(losses[1] < losses[0])
  }

  @Test func aModelOfOtherWidthsIsRefused() throws {
    let laboratory = try Laboratory()
    laboratory.settings.optimization.epochs = 1
    try laboratory.train("base")
    laboratory.settings.decoder.hidden = 20
    #expect { try laboratory.train("again", from: "base") } throws: { "\($0)".contains("other widths") }
  }
}
