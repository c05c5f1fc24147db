import Datasets
import Foundation
import Media
import Models
import Narration
import Networks
import Tensors
import TestSupport
import Testing
import Training

/// Stills stand for clips of one frame: red ones and blue ones.
private struct LabelLaboratory {
  let folder = try! TemporaryFolder()
  var settings = ActionSettings()
  let encoder: SafetensorsFile

  init() throws {
    var table = "clip\tsplit\tlabel\n"
    for number in 0..<12 {
      let isRed = number % 2 == 0
      let color: [UInt8] = isRed ? [UInt8(200 + number), 20, 30] : [20, 30, UInt8(200 + number)]
      let image = Image(width: 40, height: 30, pixels: (0..<1200).flatMap { _ in color })
      try folder.write(image.pngData(), "data/clips/\(number).png")
      table += "\(number).png\t\(number < 8 ? "train" : "val")\t\(isRed ? "red" : "blue")\n"
    }
    try folder.write(table, "data/labels.tsv")
    let network = EfficientNetLite(.lite1, inputSize: 64)
    var random = Optional(RandomGenerator(seed: 32))
    var writer = SafetensorsWriter()
    for layer in network.layers {
      let deviation = (2 / Float(layer.weightShape.dropFirst().reduce(1, *))).squareRoot()
      writer.add(
        "encoder.\(layer.name).weight", Tensor(shape: layer.weightShape, normal: deviation, using: &random),
        half: true)
      writer.add("encoder.\(layer.name).bias", Tensor(shape: [layer.weightShape[0]]), half: true)
    }
    try writer.write(to: folder.path("encoder.safetensors"))
    encoder = try SafetensorsFile(path: folder.path("encoder.safetensors"))
    settings.encoder.architecture = .lite1
    settings.encoder.inputSize = 64
    (settings.sampling.framesPerClip, settings.sampling.framesPerWindow) = (3, 2)
    (settings.network.projection, settings.network.hidden, settings.network.attention) = (
      16, 16, 8
    )
    (settings.optimization.clipsPerBatch, settings.optimization.epochs) = (3, 4)
    settings.optimization.learningRate = 0.01
  }

  func train(
    _ name: String, resuming: Bool = false, threads: Int = 1,
    report: @escaping (TrainingEvent) throws -> Void = { _ in }
  ) throws {
    try ActionTrainer(
      data: ActionDataset(at: folder.url.appendingPathComponent("data")), settings: settings,
      encoder: encoder,
      output: folder.url.appendingPathComponent(name), cache: folder.url.appendingPathComponent("cache"),
      threads: threads, resuming: resuming, report: report
    ).run()
  }

  func state(_ name: String) throws -> [Tensor] {
    let file = try SafetensorsFile(path: folder.path("\(name)/checkpoint.safetensors"))
    return try file.names.map { try file.tensor($0) }
  }
}

@Suite struct ActionTrainerTests {
  private struct Stop: Error {}

  @Test(arguments: ActionNetwork.Cell.allCases)
  func aRunLeavesAModelThatLabels(cell: ActionNetwork.Cell) throws {
    var laboratory = try LabelLaboratory()
    laboratory.settings.network.cell = cell
    laboratory.settings.optimization.epochs = 12
    try laboratory.train("run")
    let labeler = try ActionEngine(model: laboratory.folder.url.appendingPathComponent("run"))
    #expect(labeler.labels == ["blue", "red"])
    // BT.601's chroma of both, since a still is no video to be labelled.
    for (label, u, v) in [("red", 100, 220), ("blue", 220, 110)] as [(String, UInt8, UInt8)] {
      var video = RawVideo(width: 40, height: 30, rate: 1)
      video.append(u: u, v: v) { _, _ in 70 }
      try laboratory.folder.write(video.bytes, "\(label).y4m")
      let labeling = try labeler.label(contentsOf: laboratory.folder.path("\(label).y4m"))
      #expect(labeling.segments.count == 1)
      #expect(labeling.segments[0].labels[0].label == label, "\(cell)")
    }
    let log = try MetricsLog(laboratory.folder.path("run/metrics.jsonl")).entries()
    #expect(log.last?.accuracy == 1)
    let confusion = try String(contentsOfFile: laboratory.folder.path("run/confusion.json"), encoding: .utf8)
    #expect(confusion.contains(#""counts":[[2,0],[0,2]]"#) && confusion.contains(#""perClass":[1,1]"#))
    let plot = try String(contentsOfFile: laboratory.folder.path("run/confusion.svg"), encoding: .utf8)
    #expect(plot.contains("blue") && plot.contains("100 %"))
  }

  /// With the encoder of the shipped model, on videos of one second: stripes that move, or that flash.
  @Test func aFewClipsTeachAnEncoderThatSeesMovement() throws {
    let folder = try TemporaryFolder()
    var table = "clip\tsplit\tlabel\n"
    for number in 0..<5 {
      let moves = number % 2 == 0
      var video = RawVideo(width: 32, height: 32, rate: 25)
      for frame in 0..<25 {
        video.append { row, column in
          moves
            ? UInt8(60 + (column + row + number + frame * 2) % 16 * 10)
            : UInt8(40 + number * 4 + frame % 4 * 40)
        }
      }
      try folder.write(video.bytes, "data/clips/\(number).y4m")
      table += "\(number).y4m\t\(number < 3 ? "train" : "val")\t\(moves ? "moves" : "flashes")\n"
    }
    try folder.write(table, "data/labels.tsv")
    let model = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appendingPathComponent("models/action-kinetics400")
    var settings = ActionSettings()
    #expect(settings.encoder.architecture.rawValue == I3D.architecture)
    settings.sampling.flips = false
    settings.sampling.clipsPerLabel = 1
    (settings.network.projection, settings.network.hidden) = (16, 16)
    (settings.optimization.epochs, settings.optimization.learningRate) = (30, 0.01)
    try ActionTrainer(
      data: ActionDataset(at: folder.url.appendingPathComponent("data")), settings: settings,
      encoder: SafetensorsFile(path: model.appendingPathComponent("model.safetensors").path),
      output: folder.url.appendingPathComponent("run"), cache: folder.url.appendingPathComponent("cache"),
      threads: 2, resuming: false
    ) { _ in }.run()
    let labeler = try ActionEngine(model: folder.url.appendingPathComponent("run"), threads: 2)
    for (clip, label) in [("3.y4m", "flashes"), ("4.y4m", "moves")] {
      let labeling = try labeler.label(contentsOf: folder.path("data/clips/\(clip)"))
      #expect(labeling.segments.map { $0.labels[0].label } == [label])
      #expect(labeling.segments[0].attention.count == 8 && labeling.repeatedFrames == 39)
    }
  }

  @Test func theTemperatureIsThatOfTheLeastCrossEntropy() {
    // Of ten examples that are said to be certain by e to 1, seven are right: the odds are 7 to 3.
    let scores = [[Float]](repeating: [2, 0], count: 10)
    let found = ActionConfiguration.Calibration.temperature(scores, targets: [0, 0, 0, 0, 0, 0, 0, 1, 1, 1])
    #expect(abs(found - 2 / log(7.0 / 3)) < 0.01)
    // All of them right: as low as it may be.
    #expect(
      ActionConfiguration.Calibration.temperature(scores, targets: [Int](repeating: 0, count: 10)) < 0.51)
  }

  /// Stopped after any step, a resumed run ends with the bits, the scores and the schedule of an unbroken one.
  @Test func aResumedRunEqualsAnUnbrokenOne() throws {
    let laboratory = try LabelLaboratory()
    try laboratory.train("whole", threads: 2)
    func log(_ name: String) throws -> [[Double]] {
      try MetricsLog(laboratory.folder.path("\(name)/metrics.jsonl")).entries().map {
        [
          $0.trainingLoss, try #require($0.validationLoss), try #require($0.accuracy), Double($0.steps),
          try #require($0.learningRate),
        ]
      }
    }
    #expect(try log("whole").count == 4)
    for (epoch, batch) in [(1, 1), (1, 3), (2, 2), (2, 3), (3, 1), (4, 2), (4, 3)] {
      let name = "broken \(epoch) \(batch)"
      #expect(throws: Stop.self) {
        try laboratory.train(name) { event in
          if case .step(epoch, batch, _, _, _) = event { throw Stop() }
        }
      }
      try laboratory.train(name, resuming: true)
      #expect(try laboratory.state("whole") == laboratory.state(name), "\(name)")
      #expect(try log("whole") == log(name), "\(name)")
    }
  }

  /// What a run took before it was stopped counts in its speed and in the epoch's time.
  @Test func aResumedRunKnowsItsTime() throws {
    let laboratory = try LabelLaboratory()
    let pause = 0.4
    #expect(throws: Stop.self) {
      try laboratory.train("run") { event in
        if case .step(1, 1, _, _, _) = event { Thread.sleep(forTimeInterval: pause) }
        if case .step(1, 2, _, _, _) = event { throw Stop() }
      }
    }
    var speed: Double?
    try laboratory.train("run", resuming: true) { event in
      if case .step(1, 3, _, _, let clipsPerSecond) = event { speed = clipsPerSecond }
    }
    #expect(try #require(speed) < 8 / pause)
    let log = try MetricsLog(laboratory.folder.path("run/metrics.jsonl")).entries()
    #expect(try #require(log[0].seconds) > pause)
    // The next epoch's begins anew.
    #expect(try #require(log[1].seconds) < pause)
  }

  @Test func aRunThatDivergesEnds() throws {
    var laboratory = try LabelLaboratory()
    (laboratory.settings.optimization.learningRate, laboratory.settings.optimization.warmupSteps) =
      (3e38, 0)
    #expect(throws: DivergedError.self) { try laboratory.train("run") }
    #expect(!FileManager.default.fileExists(atPath: laboratory.folder.path("run/model.safetensors")))
  }

  @Test(arguments: [
    ("", "line 1: the header"), ("clip\tlabel\n", "line 1: the header"),
    ("clip\tsplit\tlabel\na\ttrain\n", "line 2: 3 columns"),
    ("clip\tsplit\tlabel\n0.png\ttrain\t\n", "line 2: an empty column"),
    (
      "clip\tsplit\tlabel\n0.png\ttrain\ta\n0.png\tval\tb\n",
      "line 3: clip 0.png is listed already, in line 2"
    ),
    ("clip\tsplit\tlabel\nnone.mp4\ttrain\ta\n", "line 2: clip none.mp4 not found"),
    ("clip\tsplit\tlabel\n0.png\ttrain\ta\n", "no clips in split val"),
    ("\u{FEFF}clip\tsplit\tlabel\r\n0.png\ttrain\ta\r\n1.png\tval\ta\r\n", "two labels or more"),
  ])
  func badTablesAreNamed(table: String, reason: String) throws {
    let laboratory = try LabelLaboratory()
    try laboratory.folder.write(table, "data/labels.tsv")
    let error = #expect(throws: DataError.self) {
      try ActionDataset(at: laboratory.folder.url.appendingPathComponent("data"))
    }
    let text = error?.description ?? ""
    #expect(text.contains(reason), "\(text)")
  }

  @Test func settingsAreChecked() throws {
    var settings = ActionSettings()
    (settings.network.cell, settings.encoder.architecture, settings.sampling.flips) = (.gru, .lite1, false)
    (settings.regularization.weightDecay, settings.optimization.epochs, settings.seed) = (0.25, 7, .max)
    #expect(try ActionSettings(json: Data(settings.printed.utf8), path: "p") == settings)
    #expect(
      ActionSettings().printed == """
        {
          "encoder" : {
            "architecture" : "i3d",
            "inputSize" : 0
          },
          "network" : {
            "attention" : 128,
            "cell" : "lstm",
            "hidden" : 256,
            "projection" : 256
          },
          "optimisation" : {
            "averageDecay" : 0.99,
            "clipsPerBatch" : 32,
            "decayPerEpoch" : 0.94,
            "epochs" : 40,
            "gradientClip" : 5,
            "learningRate" : 0.0005,
            "patience" : 12,
            "warmupSteps" : 20
          },
          "regularisation" : {
            "featureDropout" : 0.3,
            "labelSmoothing" : 0.1,
            "outputDropout" : 0.5,
            "weightDecay" : 0.01
          },
          "sampling" : {
            "clipsPerLabel" : 0,
            "flips" : true,
            "framesPerClip" : 24,
            "framesPerWindow" : 8,
            "windowSeconds" : 4,
            "windowsPerClip" : 1
          },
          "seed" : 1
        }

        """)
    for (json, complaint) in [
      (#"{"network": {"cell": "tree"}}"#, "network.cell: must be one of lstm, gru, rnn, average"),
      (#"{"network": {"hidden": 0}}"#, "network.hidden: must be from 1 to 8192"),
      (#"{"sampling": {"framesPerWindow": 99}}"#, "sampling.framesPerWindow: must be at most framesPerClip"),
      (
        #"{"speed": 1}"#,
        "speed: no such setting; there are: encoder, network, optimisation, regularisation, sampling, seed"
      ),
      // A labeller's network embeds no words.
      (
        #"{"regularisation": {"embeddingDropout": 0}}"#,
        "regularisation.embeddingDropout: no such setting; there are: featureDropout, labelSmoothing, outputDropout, weightDecay"
      ),
      (
        #"{"regularisation": {"outputDropout": 1}}"#,
        "regularisation.outputDropout: must be from 0 to below 1"
      ),
      (#"{"regularisation": {"weightDecay": 11}}"#, "regularisation.weightDecay: must be from 0 to 10"),
      (#"{"optimisation": {"learningRate": 0}}"#, "optimisation.learningRate: must be above 0"),
      (
        #"{"encoder": {"architecture": "i3d", "inputSize": 225}}"#,
        "encoder.inputSize: must be 0 or 224 for i3d"
      ),
      (
        #"{"encoder": {"architecture": "efficientnet-lite2", "inputSize": 16}}"#,
        "encoder.inputSize: must be 0 or from 32 to 1024"
      ),
      // The first that is wrong, in the order of the table.
      (
        #"{"encoder": {"architecture": "vgg", "inputSize": 16}}"#,
        "encoder.architecture: must be one of i3d, efficientnet-lite1, efficientnet-lite2"
      ),
      (#"{"sampling": {"clipsPerLabel": -1}}"#, "sampling.clipsPerLabel: must be 0 or more"),
      (#"{"sampling": {"windowSeconds": 0}}"#, "sampling.windowSeconds: must be from 0.1 to 3600"),
      (#"{"sampling": {"windowSeconds": 1e-45}}"#, "sampling.windowSeconds: must be from 0.1 to 3600"),
      (#"{"sampling": {"windowsPerClip": 0}}"#, "sampling.windowsPerClip: must be from 1 to 8192"),
    ] {
      let error = #expect(throws: DataError.self) { try ActionSettings(json: Data(json.utf8), path: "p") }
      #expect(error?.description == "p: " + complaint)
    }
  }

  @Test func aDamagedModelIsRefused() throws {
    let laboratory = try LabelLaboratory()
    try laboratory.train("run")
    let folder = laboratory.folder.url.appendingPathComponent("run")
    #expect(throws: Never.self) { try ActionModel(contentsOf: folder) }
    try laboratory.folder.write("blue\n", "run/labels.txt")
    let few = #expect(throws: ModelError.self) { try ActionModel(contentsOf: folder) }
    #expect(few?.description.hasSuffix("labels.txt: 1 labels, the configuration says 2") == true)
    try laboratory.folder.write("blue\nred\n", "run/labels.txt")
    try laboratory.folder.write("{}", "run/config.json")
    #expect(throws: ModelError.self) { try ActionModel(contentsOf: folder) }
    #expect(throws: ModelError.self) { try ActionModel(contentsOf: folder.appendingPathComponent("none")) }
  }
}
