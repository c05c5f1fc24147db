import Datasets
import Foundation
import Media
import Models
import Narration
import Networks
import Scenes
import Tensors
import TestSupport
import Testing
import Training

/// Clips of twelve frames: stripes of a color that move.
private struct ShotLaboratory {
  let folder: TemporaryFolder
  var settings = ShotSettings()

  init() throws {
    folder = try TemporaryFolder()
    var table = "clip\tsplit\tlabel\n"
    for clip in 0..<6 {
      var video = RawVideo(width: 64, height: 36, rate: 10)
      for frame in 0..<12 {
        video.append(u: UInt8(40 + 30 * clip), v: UInt8(220 - 30 * clip)) { row, column in
          UInt8(40 + (column + row + frame) % (5 + 3 * clip) * 6)
        }
      }
      try folder.write(video.bytes, "data/clips/\(clip).y4m")
      table += "\(clip).y4m\t\(clip < 4 ? "train" : "val")\t\(clip % 2 == 0 ? "even" : "odd")\n"
    }
    try folder.write(table, "data/labels.tsv")
    (settings.network.firstChannels, settings.network.secondChannels) = (4, 4)
    (settings.network.thirdChannels, settings.network.embedding) = (4, 8)
    settings.network.hidden = 8
    (settings.optimization.stretchesPerBatch, settings.optimization.batchesPerEpoch) = (3, 3)
    (settings.optimization.epochs, settings.optimization.shards) = (2, 2)
    settings.optimization.warmupSteps = 2
    (settings.validation.videos, settings.validation.shotsPerVideo) = (2, 3)
  }

  func data() throws -> ShotData {
    try ShotData(at: folder.url.appendingPathComponent("data"), threads: 2) { _ in }
  }

  func train(
    _ name: String, resuming: Bool = false, threads: Int = 1, processes: ProcessGroup = .alone,
    report: @escaping (TrainingEvent) throws -> Void = { _ in }
  ) throws {
    try ShotTrainer(
      data: data(), settings: settings, output: folder.url.appendingPathComponent(name),
      threads: threads, resuming: resuming, processes: processes, report: report
    ).run()
  }

  func state(_ name: String) throws -> [Tensor] {
    let file = try SafetensorsFile(path: folder.path("\(name)/checkpoint.safetensors"))
    return try file.names.map { try file.tensor($0) }
  }
}

@Suite struct ShotTrainerTests {
  @Test func aRunLeavesAModelAndDoesNotDependOnThreads() throws {
    let laboratory = try ShotLaboratory()
    try laboratory.train("one")
    try laboratory.train("two", threads: 2)
    #expect(try laboratory.state("one") == laboratory.state("two"))
    let model = try ShotModel(contentsOf: laboratory.folder.url.appendingPathComponent("one"))
    #expect(model.configuration.network == ShotNetwork.Sizes(channels: [4, 4, 4], embedding: 8, hidden: 8))
    let log = try MetricsLog(laboratory.folder.path("one/metrics.jsonl")).entries()
    #expect(log.map(\.epoch) == [1, 2] && log.allSatisfy { $0.f1 != nil && $0.trainingLoss.isFinite })
    // Weights and settings belong together.
    let config = laboratory.folder.path("one/config.json")
    let text = try String(contentsOfFile: config, encoding: .utf8).replacing("0.5", with: "0.6")
    try text.write(toFile: config, atomically: true, encoding: .utf8)
    #expect(throws: ModelError.self) {
      try ShotModel(contentsOf: laboratory.folder.url.appendingPathComponent("one"))
    }
  }

  @Test(arguments: [(1, 2), (2, 1), (2, 3)])
  func aResumedRunEqualsAnUnbrokenOne(epoch: Int, batch: Int) throws {
    let laboratory = try ShotLaboratory()
    try laboratory.train("whole")
    #expect(throws: Stop.self) {
      try laboratory.train("broken") { event in
        if case .step(epoch, batch, _, _, _) = event { throw Stop() }
      }
    }
    try laboratory.train("broken", resuming: true)
    #expect(try laboratory.state("whole") == laboratory.state("broken"))
  }

  /// Powers of two make the same sums as one does; others make theirs within rounding.
  @Test(arguments: [2, 3, 4, 5, 8]) func processesTrainAsOneDoes(count: Int) throws {
    var laboratory = try ShotLaboratory()
    (laboratory.settings.optimization.stretchesPerBatch, laboratory.settings.optimization.shards) = (8, 8)
    try laboratory.train("one")
    try together(count) { [laboratory] in try laboratory.train("many", processes: $0) }
    let (one, many) = (try laboratory.state("one"), try laboratory.state("many"))
    guard count.nonzeroBitCount > 1 else {
      #expect(one == many)
      return
    }
    #expect(one != many)
    for (one, many) in zip(one, many) {
      for index in 0..<one.count {
        #expect(abs(one.pointer[index] - many.pointer[index]) < 2e-4 * max(1, abs(one.pointer[index])))
      }
    }
  }

  @Test func eachProcessNeedsAShard() throws {
    let laboratory = try ShotLaboratory()
    #expect {
      try together(3) { try laboratory.train("run", processes: $0) }
    } throws: {
      "\($0)" == "a batch has 2 shards for 3 processes; set optimisation.shards to 3 or a multiple"
    }
  }

  @Test func aRunThatDivergesEnds() throws {
    var laboratory = try ShotLaboratory()
    (laboratory.settings.optimization.learningRate, laboratory.settings.optimization.warmupSteps) =
      (3e38, 0)
    #expect(throws: DivergedError.self) { try laboratory.train("run") }
    // The model would be one of no use.
    #expect(!FileManager.default.fileExists(atPath: laboratory.folder.path("run/model.safetensors")))
  }

  @Test func settingsAreChecked() throws {
    var settings = ShotSettings()
    (settings.network.threshold, settings.optimization.shards, settings.validation.videos) = (0.25, 3, 9)
    #expect(try ShotSettings(json: Data(settings.printed.utf8), path: "p") == settings)
    #expect(
      ShotSettings().printed == """
        {
          "network" : {
            "embedding" : 64,
            "firstChannels" : 16,
            "hidden" : 64,
            "secondChannels" : 32,
            "thirdChannels" : 64,
            "threshold" : 0.5
          },
          "optimisation" : {
            "averageDecay" : 0.99,
            "batchesPerEpoch" : 200,
            "cutWeight" : 3,
            "decayPerEpoch" : 0.9,
            "epochs" : 30,
            "gradientClip" : 1,
            "learningRate" : 0.001,
            "patience" : 10,
            "shards" : 4,
            "stretchesPerBatch" : 12,
            "warmupSteps" : 50,
            "weightDecay" : 0.01
          },
          "seed" : 1,
          "validation" : {
            "shotsPerVideo" : 21,
            "videos" : 40
          }
        }

        """)
    for (json, complaint) in [
      (#"{"network": {"hidden": 5000}}"#, "network.hidden: must be from 1 to 4096"),
      (#"{"network": {"threshold": 1}}"#, "network.threshold: must be above 0, below 1"),
      (#"{"optimisation": {"cutWeight": 0}}"#, "optimisation.cutWeight: must be above 0"),
      (#"{"optimisation": {"warmupSteps": -1}}"#, "optimisation.warmupSteps: must be 0 or more"),
      (#"{"optimisation": {"weightDecay": 11}}"#, "optimisation.weightDecay: must be from 0 to 10"),
      (#"{"optimisation": 3}"#, "optimisation: an object expected"),
    ] {
      let error = #expect(throws: DataError.self) { try ShotSettings(json: Data(json.utf8), path: "p") }
      #expect(error?.description == "p: " + complaint)
    }
  }

  @Test func whatIsMadeHasTheLengthsAndClassesThatItSays() throws {
    let clips = try ShotLaboratory().data().training
    for seed in UInt64(0)..<20 {
      var (random, same) = (RandomGenerator(seed: seed), RandomGenerator(seed: seed))
      let composer = ShotComposer(clips, .learning)
      let stretch = composer.stretch(frames: 96, &random)
      #expect(stretch.frames.count == 96 && stretch.classes.count == 96)
      #expect(composer.stretch(frames: 96, &same).frames == stretch.frames)
      for transition in stretch.transitions {
        #expect((0..<96).contains(transition.first))
        #expect((transition.kind == .cut) == (transition.first == transition.end))
        let kind = Int32(try #require(TransitionKind.allCases.firstIndex(of: transition.kind))) + 1
        #expect(stretch.classes[transition.first] == kind)
      }
    }
    var random = RandomGenerator(seed: 1)
    let video = ShotComposer(clips, .measuring).stretch(shots: 30, &random)
    #expect(video.transitions.count == 29)
    #expect(video.transitions.allSatisfy { $0.kind != .wipe })
  }
}
