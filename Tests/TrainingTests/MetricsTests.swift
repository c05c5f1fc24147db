import Datasets
import Drawing
import Files
import Foundation
import Models
import Narration
import TestSupport
import Testing
import Training

@Suite struct MetricsTests {
  let folder = try! TemporaryFolder()
  var log: MetricsLog { MetricsLog(folder.path("metrics.jsonl")) }

  private func text() throws -> String {
    String(decoding: try Data(contentsOf: folder.url.appendingPathComponent("metrics.jsonl")), as: UTF8.self)
  }

  /// The greedy figures of a run of 11 epochs.
  static let run: [EpochMetrics] = zip(
    [0.237, 0.311, 0.374, 0.410, 0.437, 0.466, 0.475, 0.484, 0.486, 0.496, 0.491],
    [4.61, 3.92, 3.68, 3.52, 3.41, 3.32, 3.25, 3.19, 3.14, 3.10, 3.07]
  ).enumerated().map { index, values in
    EpochMetrics(
      epoch: index + 1, steps: 375 * (index + 1), trainingLoss: values.1,
      validationLoss: 3.05 + 0.9 * exp(-Double(index) / 2.5), cider: values.0)
  }

  @Test func appendsAndReadsBack() throws {
    #expect(try log.entries() == [])
    let full = EpochMetrics(
      epoch: 1, steps: 375, trainingLoss: 4.5, validationLoss: 4.25, cider: 0.237, bleu4: 0.11,
      tokensPerSecond: 3300.5,
      seconds: 117, learningRate: 1e-3)
    let sparse = EpochMetrics(epoch: 2, steps: 750, trainingLoss: 3.5)
    try log.append(full)
    try log.append(sparse)
    #expect(
      try text() == """
        {"bleu4":0.11,"cider":0.237,"epoch":1,"learningRate":0.001,"seconds":117,"steps":375,"tokensPerSecond":3300.5,"trainingLoss":4.5,"validationLoss":4.25}
        {"epoch":2,"steps":750,"trainingLoss":3.5}

        """)
    #expect(try log.entries() == [full, sparse])
  }

  @Test func takesOutWhatCameAfterTheCheckpoint() throws {
    for entry in Self.run { try log.append(entry) }
    try log.truncate(after: 11)
    #expect(try log.entries() == Self.run)
    try log.truncate(after: 4)
    #expect(try log.entries() == Array(Self.run.prefix(4)))
    try log.truncate(after: 0)
    #expect(try log.entries() == [])
    try MetricsLog(folder.path("none.jsonl")).truncate(after: 3)
    #expect(try folder.contents == ["metrics.jsonl"])
  }

  @Test func recordsALossThatRanAway() throws {
    try log.append(EpochMetrics(epoch: 1, steps: 1, trainingLoss: .nan, validationLoss: .infinity))
    #expect(
      try text() == "{\"epoch\":1,\"steps\":1,\"trainingLoss\":\"NaN\",\"validationLoss\":\"Infinity\"}\n")
    let entry = try #require(try log.entries().first)
    #expect(entry.trainingLoss.isNaN && entry.validationLoss == .infinity)
  }

  @Test func namesTheLineThatIsDamaged() throws {
    let good = #"{"epoch":1,"steps":1,"trainingLoss":1}"#
    for (line, expected) in [
      (#"{"epoch":2,"steps":1}"#, "line 2: trainingLoss is missing"),
      (#"{"epoch":"2","steps":1,"trainingLoss":1}"#, "line 2: epoch: a whole number expected"),
    ] {
      try folder.write("\(good)\n\(line)\n".utf8, "metrics.jsonl")
      let error = #expect(throws: DataError.self) { try log.entries() }
      #expect(error?.description == "\(log.path): \(expected)")
    }
    try folder.write("\(good)\n{\"epo".utf8, "metrics.jsonl")
    let error = #expect(throws: DataError.self) { try log.append(Self.run[0]) }
    #expect(error?.description.hasPrefix("\(log.path): line 2: not JSON") == true)
    let nowhere = folder.path("none/metrics.jsonl")
    #expect(throws: FileError(.open, path: nowhere, code: ENOENT)) {
      try MetricsLog(nowhere).append(Self.run[0])
    }
  }

  /// Where a color is in a curve.
  private func pixels(_ curve: LearningCurve, _ color: Color) throws -> [(x: Int, y: Int)] {
    let image = try curve.drawing().image()
    let wanted = [color.red, color.green, color.blue]
    return (0..<image.width * image.height).filter { Array(image.pixels[3 * $0..<3 * $0 + 3]) == wanted }.map
    {
      ($0 % image.width, $0 / image.width)
    }
  }

  @Test func drawsEveryMeasuredPoint() throws {
    try LearningCurve.write(Self.run, title: "caption <flickr8k> & \"more\"", to: folder.path("metrics.svg"))
    let svg = try String(contentsOf: folder.url.appendingPathComponent("metrics.svg"), encoding: .utf8)
    #expect(
      svg.contains(
        "<title>caption &lt;flickr8k&gt; &amp; &quot;more&quot;: losses and CIDEr by epoch</title>"))
    #expect(svg.contains("\n0.496"))
    #expect(!svg.contains("nan") && !svg.contains("inf"))
    let curve = LearningCurve(Self.run, title: "x")
    let (blue, orange) = (try pixels(curve, PlotStyle.blue), try pixels(curve, PlotStyle.orange))
    func isThere(_ pixels: [(x: Int, y: Int)], _ point: Point) -> Bool {
      // A dot is wider than a line.
      let near = pixels.filter { abs(Double($0.x) - point.x) <= 3 && abs(Double($0.y) - point.y) <= 3 }
      return near.count >= 16
    }
    for entry in Self.run {
      let (epoch, areas) = (Double(entry.epoch), curve.areas)
      for loss in [entry.trainingLoss, try #require(entry.validationLoss)] {
        #expect(isThere(blue, areas.losses.point(epoch, loss)), "epoch \(epoch)")
      }
      #expect(isThere(orange, areas.score.point(epoch, try #require(entry.cider))), "epoch \(epoch)")
    }
  }

  @Test func drawsLittleAndOddData() throws {
    let odd = [
      EpochMetrics(epoch: 3, steps: 1, trainingLoss: .nan), EpochMetrics(epoch: 4, steps: 2, trainingLoss: 2),
    ]
    for metrics in [[], Array(Self.run.prefix(1)), odd] {
      let svg = try LearningCurve(metrics, title: "x").svg()
      #expect(!svg.contains("nan") && !svg.contains("inf") && svg.hasSuffix("</svg>\n"))
    }
    // One dot, at the last of four epochs.
    let curve = LearningCurve(odd, title: "x")
    let (area, last) = (curve.areas.losses, curve.areas.losses.point(4, 2))
    let dots = try pixels(curve, PlotStyle.blue).filter { Double($0.y) > area.rectangle.y }
    #expect(!dots.isEmpty)
    #expect(dots.allSatisfy { abs(Double($0.x) - last.x) <= 3 && abs(Double($0.y) - last.y) <= 3 })
  }

  @Test func labelsLongRunsSparsely() throws {
    let long = (1...200).map { EpochMetrics(epoch: $0, steps: $0, trainingLoss: 10 / Double($0)) }
    let svg = try LearningCurve(long, title: "x").svg()
    #expect(svg.contains("\n181\n191\nepoch\n"))
  }

  @Test func aConfusionMatrixIsDarkWhereMuchIs() throws {
    var matrix = ConfusionMatrix(labels: ["surfing", "playing <piano>"])
    for _ in 0..<9 { matrix.add(truth: 0, found: 0) }
    matrix.add(truth: 0, found: 1)
    let svg = try matrix.svg()
    #expect(svg.contains("playing &lt;piano&gt;\n") && svg.contains("90 %") && svg.contains("\n–"))
    let image = try matrix.drawing().image()
    func count(_ red: UInt8) -> Int {
      (0..<image.width * image.height).count {
        Array(image.pixels[3 * $0..<3 * $0 + 3]) == [red, red, 245]
      }
    }
    var edge: [UInt8] = []
    for y in 0..<image.height {
      let end = (y + 1) * image.width * 3
      edge += image.pixels[end - 24..<end]
    }
    #expect(edge.allSatisfy { $0 == 255 }, "nothing is cut off")
    // 50 by 50 pixels a field, less its corners and its figure.
    #expect((1800...2500).contains(count(65)), "90 %")
    #expect((1800...2500).contains(count(225)), "10 %")
    #expect((4850...5000).contains(count(245)), "no clips")
  }
}
