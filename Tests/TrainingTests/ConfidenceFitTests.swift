import Datasets
import Foundation
import Models
import Narration
import Networks
import Tensors
import Testing
import Training

@Test func rankCorrelations() {
  #expect(rankCorrelation([1, 2, 3], [10, 20, 500]) == 1)
  #expect(rankCorrelation([1, 2, 3], [3, 2, -7]) == -1)
  // scipy.stats.spearmanr([1, 2, 2, 4, 5], [2, 1, 4, 3, 9])
  #expect(abs(rankCorrelation([1, 2, 2, 4, 5], [2, 1, 4, 3, 9]) - 0.666_886) < 1e-6)
  #expect(rankCorrelation([1, 1], [1, 2]).isNaN)
}

@Test func ridgeFindsALine() {
  let rows = (0..<50).map { [Double($0 % 7) - 3, Double($0 % 5) - 2] }
  let targets = rows.map { 2 * $0[0] - 0.5 * $0[1] + 4 }
  let weights = [Double](repeating: 1, count: rows.count)
  let line = LinearFit.ridge(rows, targets: targets, weights: weights, penalty: 0)
  #expect(abs(line.weights[0] - 2) < 1e-9 && abs(line.weights[1] + 0.5) < 1e-9 && abs(line.bias - 4) < 1e-9)
  let held = LinearFit.ridge(rows, targets: targets, weights: weights, penalty: 1e6)
  let mean = targets.reduce(0, +) / Double(targets.count)
  #expect(abs(held.weights[0]) < 0.01 && abs(held.bias - mean) < 0.01)
}

@Test func componentsOfFeatures() {
  var random = RandomGenerator(seed: 5)
  let channels = EfficientNetLite.channels
  let features = (0..<200).map { picture in
    (0..<channels).map { channel in
      let noise = 0.01 * (random.uniform() - 0.5)
      return channel == 7 ? 10 + Float(picture % 11) : channel == 9 ? Float(picture % 3) : noise
    }
  }
  let space = FeatureSpace(of: features, count: 2)
  #expect(abs(abs(space.components.values[7]) - 1) < 1e-3)
  #expect(abs(abs(space.components.values[channels + 9]) - 1) < 1e-3)
  #expect(abs(space.deviations.values[0] - 3.16) < 0.05 && abs(space.deviations.values[1] - 0.816) < 0.05)
}

@Suite struct ConfidenceFitTests {
  /// Captions that are the better the larger the first of two statistics is, and drawn pictures whose second is far out.
  private static let observations: [ConfidenceFit.Observation] = {
    var random = RandomGenerator(seed: 2)
    let photographs = (0..<1000).map { index in
      let value = Double(random.uniform())
      let quality = max(0, value + 0.5 * (Double(random.uniform()) - 0.5))
      return ConfidenceFit.Observation(
        statistics: [value, Double(random.uniform())], quality: quality, source: 0, part: index)
    }
    let drawn = (0..<100).map { index in
      ConfidenceFit.Observation(
        statistics: [0.5 + 0.5 * Double(random.uniform()), 3 + Double(random.uniform())], quality: 0,
        source: -1 - index / 20, part: index / 20)
    }
    return photographs + drawn
  }()

  @Test func probabilitiesAreWhatTheySay() {
    let fit = ConfidenceFit(Self.observations, names: ["a", "b"], level: 0.5)
    let foretold = fit.crossValidated()
    let report = ConfidenceReport(
      observations: Self.observations, confidences: foretold, sets: ["set"], level: 0.5, threshold: 0.3)
    #expect(report.correlations[0] > 0.8)
    for bin in 0..<5 {
      let those = (0..<1000).filter { min(4, Int(foretold[$0] * 5)) == bin }
      guard those.count > 50 else { continue }
      let mean = those.reduce(0) { $0 + foretold[$1] } / Double(those.count)
      let right = Double(those.count { Self.observations[$0].quality >= 0.5 }) / Double(those.count)
      #expect(abs(mean - right) < 0.12)
    }
    #expect((1000..<1100).allSatisfy { foretold[$0] < 0.2 })
    #expect(report.text.contains("set\t1000\t"))
    let file = fit.file(weights: "0", reranker: nil, threshold: 0.3)
    #expect(file.terms[0].weight > 0 && file.terms[1].familiarity < 0)
    #expect(file.confidence([1, 0.5]) > 0.8 && file.confidence([0, 0.5]) < 0.2)
  }

  @Test func theThresholdIsWhereOneInFourIsRight() {
    // Below 0.4 one in ten is right, above nine in ten.
    let captions = (0..<1000).map { index in
      let confidence = Double(index) / 1000
      return (confidence: confidence, isRight: confidence < 0.4 ? index % 10 == 0 : index % 10 != 0)
    }
    let threshold = ConfidenceReport.threshold(captions)
    #expect(threshold > 0.44 && threshold <= 0.5)
    #expect(ConfidenceReport.threshold((0..<100).map { (Double($0) / 100, true) }) == 0.25)
  }
}

@Test func aClassifierLearnsWhatAnotherSays() {
  var random = Optional(RandomGenerator(seed: 4))
  let teacher = Linear(
    weight: Tensor(shape: [5, 8], normal: 1, using: &random),
    bias: Tensor(shape: [5], normal: 1, using: &random)
  )
  let pictures = (0..<600).map { _ in Tensor(shape: [8], normal: 1, using: &random).values }
  let logits = pictures.map { teacher.forward($0) }
  // The encoder has come to turn the signs of its features.
  var fit = ClassifierFit(teacher, features: pictures.map { $0.map(-) }, logits: logits)
  let before = fit.agreement
  for epoch in 1...3000 { fit.learn(epoch: epoch, of: 3000) }
  #expect(fit.held.count == 60 && before < 0.4 && fit.agreement > 0.75)
}

@Test func drawnPicturesAreTheSameAgain() throws {
  for kind in SyntheticPictures.Kind.allCases {
    let one = try SyntheticPictures.picture(kind, seed: 1)
    #expect(one.width == 300 && one.height == 300)
    #expect(try one == SyntheticPictures.picture(kind, seed: 1))
    #expect(try one != SyntheticPictures.picture(kind, seed: 2))
  }
}

@Test func theReliabilityIsDrawn() throws {
  let bins = [
    ConfidenceReport.Bin(captions: 25, confidence: 0.25, right: 0.5),
    ConfidenceReport.Bin(captions: 0, confidence: 0, right: 0),
    ConfidenceReport.Bin(captions: 100, confidence: 1, right: 0),
  ]
  let plot = ReliabilityPlot(bins, title: "a & b")
  #expect(try plot.svg().contains("<title>a &amp; b: share of right captions by confidence</title>"))
  let image = try plot.drawing.image()
  func isBlue(_ x: Int, _ y: Int) -> Bool {
    let first = (y * image.width + x) * 3
    return Int(image.pixels[first + 2]) > Int(image.pixels[first]) + 60
  }
  /// How far a disc reaches from its middle, to the left and upwards.
  func radii(_ confidence: Double, _ right: Double) -> [Int] {
    let middle = plot.area.point(confidence, right)
    let (x, y) = (Int(middle.x), Int(middle.y))
    return [(0..<x).first { !isBlue(x - $0, y) } ?? x, (0..<y).first { !isBlue(x, y - $0) } ?? y]
  }
  let (small, large) = (radii(0.25, 0.5), radii(1, 0))
  #expect(small[0] > 4 && abs(small[0] - small[1]) <= 1 && abs(large[0] - large[1]) <= 1)
  // A quarter of the captions has half the radius.
  #expect(abs(large[0] - 2 * small[0]) <= 2, "\(small), \(large)")
  #expect(radii(0, 0) == [0, 0], "a bin without captions has no disc")
}
