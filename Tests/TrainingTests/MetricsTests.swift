import Datasets
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

  private func count(_ pattern: String, in text: String) -> Int {
    text.components(separatedBy: pattern).count - 1
  }

  @Test func drawsEveryMeasuredPoint() throws {
    try LearningCurve.write(Self.run, title: "caption <flickr8k> & \"more\"", to: folder.path("metrics.svg"))
    let svg = try String(contentsOf: folder.url.appendingPathComponent("metrics.svg"), encoding: .utf8)
    #expect(count(#"class="dot training""#, in: svg) == 11)
    #expect(count(#"class="dot validation""#, in: svg) == 11)
    #expect(count(#"class="dot cider""#, in: svg) == 11)
    #expect(svg.contains(">0.496</text>"))
    #expect(svg.contains(">caption &lt;flickr8k&gt; &amp; &quot;more&quot;</text>"))
    #expect(svg.contains("prefers-color-scheme:dark"))
    #expect(!svg.contains("href") && !svg.contains("nan") && !svg.contains("inf"))
    #expect(XMLProbe.isWellFormed(svg))
  }

  @Test func drawsLittleAndOddData() {
    let odd = [
      EpochMetrics(epoch: 3, steps: 1, trainingLoss: .nan), EpochMetrics(epoch: 4, steps: 2, trainingLoss: 2),
    ]
    for metrics in [[], Array(Self.run.prefix(1)), odd] {
      let svg = LearningCurve(metrics, title: "x").svg
      #expect(!svg.contains("nan") && !svg.contains("inf"))
      #expect(XMLProbe.isWellFormed(svg))
    }
    #expect(count(#"class="dot training""#, in: LearningCurve(odd, title: "x").svg) == 1)
  }

  @Test func labelsLongRunsSparsely() {
    let long = (1...200).map { EpochMetrics(epoch: $0, steps: $0, trainingLoss: 10 / Double($0)) }
    let svg = LearningCurve(long, title: "x").svg
    #expect(svg.contains(">191</text>"))
    #expect(count("text-anchor=\"middle\"", in: svg) <= 22)
  }
}

/// Enough of an XML reader to see that every tag is closed in its turn and every `&` begins an entity.
private enum XMLProbe {
  static func isWellFormed(_ text: String) -> Bool {
    var open: [Substring] = []
    var rest = text[...]
    while let start = rest.firstIndex(of: "<") {
      guard let end = rest[start...].firstIndex(of: ">") else { return false }
      let tag = rest[rest.index(after: start)..<end]
      if tag.hasPrefix("/") {
        guard open.popLast() == tag.dropFirst() else { return false }
      } else if !tag.hasSuffix("/") {
        open.append(tag.prefix { !$0.isWhitespace })
      }
      rest = rest[rest.index(after: end)...]
    }
    let entities = text.components(separatedBy: "&").dropFirst()
    return open.isEmpty
      && entities.allSatisfy { ["amp;", "lt;", "gt;", "quot;"].contains(where: $0.hasPrefix) }
  }
}
