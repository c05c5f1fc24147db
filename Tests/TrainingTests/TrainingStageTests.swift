import Datasets
import Foundation
import Language
import Media
import Models
import Narration
import Networks
import Tensors
import Testing
import Training

@Suite struct TrainingStageTests {
  private func laboratory() throws -> Laboratory {
    let laboratory = try Laboratory()
    laboratory.settings.optimization.epochs = 1
    laboratory.settings.optimization.patience = 9
    laboratory.settings.fineTuning.epochs = 1
    laboratory.settings.fineTuning.blocks = 2
    laboratory.settings.fineTuning.warmupSteps = 0
    laboratory.settings.selfCritical.epochs = 1
    laboratory.settings.selfCritical.samples = 3
    return laboratory
  }

  @Test func theStagesFollowOneAnother() throws {
    let laboratory = try laboratory()
    try laboratory.addClips()
    let folder = try laboratory.train("run", on: ["data", "clips"], threads: 2)
    let log = try MetricsLog(folder.appendingPathComponent("metrics.jsonl").path).entries()
    #expect(log.map(\.stage) == [.decoder, .fineTuning, .selfCritical])
    #expect(log.map(\.epoch) == [1, 2, 3])
    #expect(log.map(\.steps) == [log[0].steps, log[0].steps, log[0].steps])
    #expect(log.map { $0.reward != nil } == [false, false, true])
    #expect(log.allSatisfy { $0.trainingLoss.isFinite && $0.cider != nil })
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: laboratory.output("cache").path)
        .allSatisfy { $0.hasSuffix(".features") })
    _ = try CaptionEngine(model: folder)
  }

  /// Of the same captions, drawn by a decoder that learns nothing.
  @Test func whatNobodyWroteLowersTheReward() throws {
    let laboratory = try laboratory()
    (laboratory.settings.optimization.epochs, laboratory.settings.fineTuning.epochs) = (0, 0)
    laboratory.settings.selfCritical.learningRate = 1e-9
    func reward(_ name: String, phrase: Double) throws -> Double {
      laboratory.settings.selfCritical.costs.phrase = phrase
      let folder = try laboratory.train(name)
      let log = try MetricsLog(folder.appendingPathComponent("metrics.jsonl").path).entries()
      let last = try #require(log.last)
      return try #require(last.reward)
    }
    let (free, some, more) = (
      try reward("free", phrase: 0), try reward("some", phrase: 0.25), try reward("more", phrase: 0.5)
    )
    #expect(some < free && abs(free - more - 2 * (free - some)) < 1e-6, "\(free), \(some), \(more)")
  }

  /// A Transformer learns in all stages, the same bits after a pause, and says captions.
  @Test func aTransformerGoesThroughTheStages() throws {
    let laboratory = try laboratory()
    laboratory.settings.decoder.architecture = .transformer
    laboratory.settings.decoder.embedding = 24
    (laboratory.settings.decoder.layers, laboratory.settings.decoder.heads) = (2, 3)
    laboratory.settings.decoder.feedForward = 40
    try laboratory.addClips()
    let folder = try laboratory.train("whole", on: ["data", "clips"], threads: 2)
    #expect(throws: Stop.self) {
      try laboratory.train("broken", on: ["data", "clips"]) { event in
        if case .step(3, 2, _, _, _) = event { throw Stop() }
      }
    }
    try laboratory.train("broken", on: ["data", "clips"], resuming: true)
    #expect(try laboratory.state("whole") == laboratory.state("broken"))
    let model = try CaptionModel(contentsOf: folder)
    #expect(model.configuration.decoder.transformer == TransformerSizes(layers: 2, heads: 3, feedForward: 40))
    let captioner = try CaptionEngine(model: folder)
    let picture = Image(width: 40, height: 30, pixels: [UInt8](repeating: 90, count: 3600))
    let captions = try captioner.caption(picture)
    #expect(captions.allSatisfy { $0.logProbability.isFinite })
    #expect(!captions.isEmpty)
    // An LSTM does not go on from it.
    laboratory.settings.decoder.architecture = .lstm
    #expect { try laboratory.train("lstm", from: "whole") } throws: {
      "\($0)".contains(
        "its decoder is a Transformer (2 layers, 3 heads, 40 between), the settings' is an LSTM")
    }
  }

  /// Only the layers that fine-tuning is for change.
  @Test func theEncoderLearnsFromItsLastBlocksOn() throws {
    let laboratory = try laboratory()
    laboratory.settings.optimization.epochs = 0
    laboratory.settings.selfCritical.epochs = 0
    laboratory.settings.fineTuning.encoderRate = 1e-3
    let folder = try laboratory.train("run")
    let model = try SafetensorsFile(path: folder.appendingPathComponent("model.safetensors").path)
    let layers = EfficientNetLite(.lite1, inputSize: 64).layers
    let first = EfficientNetLite(.lite1).firstLayer(ofLastBlocks: 2)
    for (index, layer) in layers.enumerated() {
      let name = "encoder.\(layer.name).weight"
      let isSame = try model.tensor(name) == laboratory.encoder.tensor(name)
      #expect(isSame == (index < first), "\(name)")
    }
  }

  /// Stopped in any stage, a resumed run ends with the bits of an unbroken one; nor do threads matter.
  @Test(arguments: [(1, false), (2, false), (3, false), (3, true)])
  func aResumedRunEqualsAnUnbrokenOne(epoch: Int, augmentation: Bool) throws {
    let laboratory = try laboratory()
    laboratory.settings.fineTuning.encoderRate = 1e-3
    laboratory.settings.selfCritical.augmentation = augmentation
    try laboratory.train("whole", threads: 2)
    for batch in [1, 3] {
      let name = "broken \(batch)"
      #expect(throws: Stop.self) {
        try laboratory.train(name) { event in
          if case .step(epoch, batch, _, _, _) = event { throw Stop() }
        }
      }
      try laboratory.train(name, resuming: true)
      #expect(try laboratory.state("whole") == laboratory.state(name))
      let models = try ["whole", name].map {
        try Data(contentsOf: laboratory.output($0).appendingPathComponent("model.safetensors"))
      }
      #expect(models[0] == models[1])
    }
  }

  /// The decoder learns from pictures that are changed, and all frames of a clip.
  @Test func scoresAreLearnedFromChangedPicturesToo() throws {
    let laboratory = try laboratory()
    try laboratory.addClips()
    (laboratory.settings.optimization.epochs, laboratory.settings.fineTuning.epochs) = (0, 0)
    laboratory.settings.optimization.flips = false
    laboratory.settings.selfCritical.augmentation = false
    (laboratory.settings.fineTuning.smallestCrop, laboratory.settings.fineTuning.color) = (1, 0)
    func loss(_ name: String) throws -> Double {
      let folder = try laboratory.train(name, on: ["data", "clips"], threads: 2)
      return try MetricsLog(folder.appendingPathComponent("metrics.jsonl").path).entries()[0].trainingLoss
    }
    let stored = try loss("stored")
    laboratory.settings.selfCritical.augmentation = true
    // The pictures as they are: the same features, but for what half precision takes from stored ones.
    let unchanged = try loss("unchanged")
    #expect(abs(unchanged - stored) < 1e-4)
    laboratory.settings.fineTuning.color = 0.9
    #expect(try loss("coloured") != unchanged)
  }

  /// Videos are learned by the frames that stand for them, in the stages that change them too; a resumed run's bits are the same.
  @Test func videosAreChangedAsTheirFramesAre() throws {
    let laboratory = try laboratory()
    try laboratory.addVideos()
    laboratory.settings.optimization.epochs = 0
    #expect(throws: Stop.self) {
      try laboratory.train("from videos", on: ["videos"]) { event in
        if case .step(2, 1, _, _, _) = event { throw Stop() }
      }
    }
    try laboratory.train("from videos", on: ["videos"], threads: 2, resuming: true)
    try laboratory.train("from frames", on: ["frames"])
    #expect(try laboratory.state("from videos") == laboratory.state("from frames"))
  }

  /// The model stands between what the last stage began with and what it learned.
  @Test func theLastStagesModelIsInterpolated() throws {
    let laboratory = try laboratory()
    (laboratory.settings.optimization.epochs, laboratory.settings.fineTuning.epochs) = (0, 0)
    (laboratory.settings.selfCritical.learningRate, laboratory.settings.selfCritical.warmupSteps) =
      (0.1, 0)
    func decoder(_ interpolation: Double) throws -> (model: CaptionDecoder, first: CaptionDecoder) {
      laboratory.settings.selfCritical.interpolation = interpolation
      let folder = try laboratory.train("run \(interpolation)")
      let model = try CaptionModel(contentsOf: folder)
      let first = try SafetensorsFile(path: folder.appendingPathComponent("decoder.safetensors").path)
      let sizes = model.configuration.decoder
      return (try CaptionDecoder(sizes, from: model.weights), try CaptionDecoder(sizes, from: first))
    }
    let (whole, half) = (try decoder(1), try decoder(0.5))
    for parameter in whole.model.parameters {
      let (first, last) = (whole.first[keyPath: parameter.path], whole.model[keyPath: parameter.path])
      #expect(first == half.first[keyPath: parameter.path])
      let between = zip(first.values, last.values).map { ($0 + $1) / 2 }
      let far = zip(half.model[keyPath: parameter.path].values, between).map { abs($0 - $1) }.max() ?? 0
      #expect(far < 2e-3, "\(parameter.name)")
    }
  }

  /// Another run began its last stage in the same folder, and was stopped before its first checkpoint.
  @Test func theLastStageGoesOnFromItsOwnDecoderAlone() throws {
    let laboratory = try laboratory()
    (laboratory.settings.optimization.epochs, laboratory.settings.fineTuning.epochs) = (0, 0)
    func stopped(resuming: Bool = false) throws {
      #expect(throws: Stop.self) {
        try laboratory.train("run", resuming: resuming) { event in
          if case .step(_, 1, _, _, _) = event { throw Stop() }
        }
      }
    }
    try stopped()
    let checkpoint = laboratory.output("run/checkpoint.safetensors")
    let bytes = try Data(contentsOf: checkpoint)
    laboratory.settings.seed = 5
    try stopped()
    laboratory.settings.seed = 1
    try bytes.write(to: checkpoint)
    #expect { try laboratory.train("run", resuming: true) } throws: {
      "\($0)".contains("decoder.safetensors") && "\($0)".contains("of another run")
    }
  }

  /// A picture that cannot be read from the start leaves an older run's checkpoint as it is.
  @Test func aRunWithoutAStepSavesNothing() throws {
    let laboratory = try laboratory()
    (laboratory.settings.optimization.epochs, laboratory.settings.fineTuning.epochs) = (0, 0)
    try laboratory.train("run")
    let before = try laboratory.state("run")
    for number in 0..<6 {
      try Data("no picture".utf8).write(to: laboratory.output("data/images/\(number).png"))
    }
    #expect(throws: (any Error).self) { try laboratory.train("run") }
    #expect(try laboratory.state("run") == before)
  }

  /// A picture that is gone ends the run; what was learned until then is kept.
  @Test func aMissingPictureCostsNothingLearned() throws {
    let laboratory = try laboratory()
    (laboratory.settings.optimization.epochs, laboratory.settings.fineTuning.epochs) = (0, 0)
    try laboratory.train("whole")
    let picture = laboratory.output("data/images/3.png")
    let aside = laboratory.output("aside.png")
    try FileManager.default.moveItem(at: picture, to: aside)
    #expect(throws: (any Error).self) { try laboratory.train("broken") }
    try FileManager.default.moveItem(at: aside, to: picture)
    try laboratory.train("broken", resuming: true)
    #expect(try laboratory.state("whole") == laboratory.state("broken"))
  }

  /// A stage that encodes anew leaves the stores of the whole validation set as they are.
  @Test func fewerValidationPicturesNeedNoStoresOfTheirOwn() throws {
    let laboratory = try laboratory()
    (laboratory.settings.fineTuning.epochs, laboratory.settings.validation.limit) = (0, 1)
    func stores() throws -> [String: Date] {
      let cache = laboratory.output("cache")
      return try FileManager.default.contentsOfDirectory(atPath: cache.path).reduce(into: [:]) {
        let file = cache.appendingPathComponent($1).path
        $0[$1] = try FileManager.default.attributesOfItem(atPath: file)[.modificationDate] as? Date
      }
    }
    laboratory.settings.selfCritical.epochs = 0
    try laboratory.train("run")
    let before = try stores()
    laboratory.settings.selfCritical.epochs = 1
    try laboratory.train("run", resuming: true)
    #expect(try stores() == before && before.count == 3)
  }

  @Test func aStageMayBeAddedToAFinishedRun() throws {
    let laboratory = try laboratory()
    try laboratory.train("whole")
    laboratory.settings.selfCritical.epochs = 0
    laboratory.settings.fineTuning.epochs = 0
    try laboratory.train("parts")
    laboratory.settings.fineTuning.epochs = 1
    try laboratory.train("parts", resuming: true)
    laboratory.settings.selfCritical.epochs = 1
    try laboratory.train("parts", resuming: true)
    #expect(try laboratory.state("whole") == laboratory.state("parts"))
  }

  /// A picture with a pattern that tells left from right.
  @Test func aPictureIsCutMirroredAndColored() throws {
    let laboratory = try Laboratory()
    let (width, height) = (120, 80)
    let image = Image(
      width: width, height: height,
      pixels: (0..<width * height).flatMap { pixel in
        [UInt8(2 * (pixel % width)), UInt8(3 * (pixel / width)), 90]
      })
    let path = laboratory.output("pattern.png").path
    try Data(image.pngData()).write(to: URL(fileURLWithPath: path))
    func planes(crop: Double, color: Double, mirrored: Bool = false, seed: UInt64 = 1) throws -> Tensor {
      var planes = Tensor(shape: [3, 32 * 32])
      let picture = AugmentedFrames(
        .pictures([path]), isMirrored: mirrored, smallestCrop: crop, color: color,
        random: RandomGenerator(seed: seed))
      try picture.read(side: 32, into: planes.mutableRows)
      return planes
    }
    let whole = image.resized(width: 32, height: 32)
    let plain = try planes(crop: 1, color: 0)
    #expect(
      (0..<1024).allSatisfy { abs(plain.values[$0] - (Float(whole.pixels[3 * $0]) - 127) / 128) < 1e-6 })
    let mirrored = try planes(crop: 1, color: 0, mirrored: true)
    #expect((0..<32).allSatisfy { mirrored.values[$0] == plain.values[31 - $0] })
    var narrowest = 1.0
    for seed in 0..<40 {
      let cut = try planes(crop: 0.5, color: 0, seed: UInt64(seed)).values
      let across = Double(cut[31] - cut[0]) / Double(plain.values[31] - plain.values[0])
      let down = Double(cut[1024 + 992] - cut[1024]) / Double(plain.values[1024 + 992] - plain.values[1024])
      #expect((0.45...1.03).contains(across * down) && (0.75...1.3).contains(across / down))
      narrowest = min(narrowest, across * down)
    }
    #expect(narrowest < 0.6)
    let colored = try planes(crop: 1, color: 0.3)
    #expect(colored.values.allSatisfy { (-1...1).contains($0) })
    #expect(zip(colored.values, plain.values).contains { abs($0 - $1) > 0.02 })
    #expect(try planes(crop: 0.5, color: 0.3) == planes(crop: 0.5, color: 0.3))
    #expect(try planes(crop: 0.5, color: 0.3) != planes(crop: 0.5, color: 0.3, seed: 2))
    // Frames of a clip are changed alike.
    let clip = AugmentedFrames(
      .pictures([path, path]), isMirrored: false, smallestCrop: 0.5, color: 0.3,
      random: RandomGenerator(seed: 1))
    var frames = Tensor(shape: [6, 32 * 32])
    try clip.read(side: 32, into: frames.mutableRows)
    let one = try planes(crop: 0.5, color: 0.3).values
    #expect(clip.count == 2 && frames.values == one + one)
  }

  @Test func leftAndRightChangePlacesInAMirroredPicture() throws {
    let laboratory = try Laboratory()
    let table = laboratory.output("data/captions.tsv")
    let text = try String(contentsOf: table, encoding: .utf8)
    try Data(text.replacing("a picture of", with: "on the left of the right").utf8).write(to: table)
    let argument = try #require(TrainingData.Argument(laboratory.output("data").path))
    let captions = try TrainingCaptions(TrainingData([argument]), laboratory.settings)
    let words = captions.vocabulary
    let caption = words.encode(["on", "the", "left", "number"], maximumWords: 9)
    #expect(captions.mirrored(caption) == words.encode(["on", "the", "right", "number"], maximumWords: 9))
    #expect(captions.mirrored(captions.mirrored(caption)) == caption)
  }
}
