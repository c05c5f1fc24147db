import Compute
import Foundation
import Language
import Media
import Models
import Networks
import Tensors
import TestSupport
import Testing

/// Imported checkpoints against Hugging Face's transformers: `Fixtures/make_checkpoints.py`.
@Suite struct CheckpointGoldenTests {
  static let names = ["git", "git-clip", "blip"]
  private static let (pictures, steps) = (40, 12)

  static func fixture(_ name: String) throws -> URL {
    try #require(Bundle.module.url(forResource: "Fixtures/checkpoints/\(name)", withExtension: nil))
  }

  /// A checkpoint, imported, and what transformers made with it.
  private struct Checkpoint {
    let model: CheckpointModel
    let golden: SafetensorsFile
    let seeing: VisionTransformer
    let writing: WordTransformer
    let images: [Image]

    init(_ name: String, _ numbers: PackedMatrix.Numbers? = nil) throws {
      let source = try fixture(name)
      let folder = try TemporaryFolder()
      let target = folder.url.appendingPathComponent("model")
      try CheckpointImport(from: source).write(to: target, card: "")
      model = try CheckpointModel(contentsOf: target)
      golden = try SafetensorsFile(path: source.appendingPathComponent("golden.safetensors").path)
      (seeing, writing) = try model.networks(numbers)
      let side = model.configuration.encoder.inputSize
      let bytes = try golden.bytes("pictures")
      let size = side * side * 3
      images = (0..<pictures).map {
        Image(width: side, height: side, pixels: Array(bytes[$0 * size..<($0 + 1) * size]))
      }
    }

    var frames: Int { model.configuration.decoder.frames }

    /// [frames * tokens, width] of the picture, and of those after it where it is a clip.
    func tokens(_ index: Int, _ pass: VisionPass) -> Tensor {
      var values: [Float] = []
      for frame in 0..<frames {
        let square = model.configuration.preprocessing.square(
          images[(index + frame) % images.count], side: model.configuration.encoder.inputSize)
        model.configuration.preprocessing.write(
          square, patch: model.configuration.encoder.patch, into: pass.patches.base)
        values += [Float](pass.run())
      }
      let width = model.configuration.encoder.width
      return Tensor(shape: [values.count / width, width], values: values)
    }

    func captions(_ name: String) throws -> [[Int32]] {
      let bytes = try golden.bytes(name)
      return (0..<pictures).map { index in
        bytes[index * steps..<(index + 1) * steps].map { Int32($0) }.filter { $0 != 0 }
      }
    }
  }

  @Test(arguments: names) func tokensEqual(name: String) throws {
    let checkpoint = try Checkpoint(name)
    try expectClose(
      checkpoint.tokens(0, VisionPass(checkpoint.seeing)), checkpoint.golden, "tokens", tolerance: 1e-4)
  }

  @Test(arguments: names) func logitsAndAttentionEqual(name: String) throws {
    let checkpoint = try Checkpoint(name)
    let tokens = checkpoint.tokens(0, VisionPass(checkpoint.seeing))
    let pass = WordPass(checkpoint.writing, images: 1, rows: 1, widest: tokens.shape[0])
    pass.begin(steps: Self.steps)
    pass.add(tokens.rows, frames: checkpoint.frames)
    let caption = try checkpoint.captions("greedy")[0]
    let inputs = [checkpoint.model.configuration.markers.beginning] + caption.dropLast()
    var logits: [Float] = []
    for word in inputs {
      logits += [Float](Rows(pass.advance([WordPass.Row(word: word, parent: 0, image: 0)]).logits))
    }
    let shape = [inputs.count, checkpoint.model.configuration.decoder.words]
    try expectClose(
      Tensor(shape: shape, values: logits), checkpoint.golden, "logits", tolerance: 1e-4)

    let generator = CheckpointGenerator(
      checkpoint.model.configuration, checkpoint.writing, frames: checkpoint.frames, batch: 1, width: 1)
    generator.add(tokens.rows, costs: [])
    let attention = try #require(generator.captions(maximumWords: Self.steps)[0].first?.attention.first)
    try expectClose(
      Tensor(shape: [attention.count], values: attention), checkpoint.golden, "attention", tolerance: 1e-4)
    #expect(abs(attention.reduce(0, +) - 1) < 1e-5)
  }

  /// Every caption, by greedy search and by a beam, alone and several in one search.
  @Test(arguments: names, [1, 4]) func captionsEqual(name: String, batch: Int) throws {
    let checkpoint = try Checkpoint(name)
    let pass = VisionPass(checkpoint.seeing)
    let tokens = (0..<Self.pictures).map { checkpoint.tokens($0, pass) }
    for (kind, width) in [("greedy", 1), ("beam", 3)] {
      let expected = try checkpoint.captions(kind)
      let generator = CheckpointGenerator(
        checkpoint.model.configuration, checkpoint.writing, frames: checkpoint.frames, batch: batch,
        width: width)
      for first in stride(from: 0, to: Self.pictures, by: batch) {
        for index in first..<first + batch { generator.add(tokens[index].rows, costs: []) }
        for (offset, results) in generator.captions(maximumWords: Self.steps).enumerated() {
          #expect(results.count <= width)
          #expect(results.first?.words == expected[first + offset], "\(kind) \(first + offset)")
        }
      }
    }
  }

  /// With numbers of fewer bits the likeliest word is the same but for a few; and the same bits with several threads.
  @Test(arguments: names) func fewerBitsSayNearlyTheSame(name: String) throws {
    let single = try Checkpoint(name)
    let pass = VisionPass(single.seeing)
    for numbers in [PackedMatrix.Numbers.bytes, .bfloat16] {
      let few = try Checkpoint(name, numbers)
      let fewPass = VisionPass(few.seeing)
      var (steps, agreeing) = (0, 0)
      for (index, caption) in try single.captions("greedy").enumerated() {
        let likeliest = try [(single, pass), (few, fewPass)].map { checkpoint, pass in
          try Self.likeliest(checkpoint, checkpoint.tokens(index, pass), after: caption)
        }
        steps += caption.count
        agreeing += zip(likeliest[0], likeliest[1]).count { $0 == $1 }
      }
      // Networks of a few units have little that evens out what rounding does to one.
      let least = numbers == .bytes ? 0.7 : 0.9
      #expect(Double(agreeing) >= least * Double(steps), "\(numbers): \(agreeing) of \(steps)")
    }
  }

  private static let fullSize = ProcessInfo.processInfo.environment["NARRATE_CHECKPOINT"]

  /// The same for a network of full size (`make_checkpoints.py --full`, imported), which is not part of the repository.
  @Test(.enabled(if: fullSize != nil)) func fewerBitsOfAFullSizeSayTheSame() throws {
    let folder = URL(fileURLWithPath: try #require(Self.fullSize))
    let model = try CheckpointModel(contentsOf: folder)
    let assets = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../../assets")
    let images = try ["astronaut", "cat", "coffee", "dog", "horses", "rocket"].map {
      try Picture(contentsOf: assets.appendingPathComponent("\($0).jpg").standardizedFileURL.path).image
    }
    let (single, expected) = try ThreadTeam(2).run { try Self.greedy(model, nil, images) }
    for numbers in [PackedMatrix.Numbers.bytes, .bfloat16] {
      let (_, found) = try ThreadTeam(2).run { try Self.greedy(model, numbers, images, after: single) }
      let agreeing = zip(expected.joined(), found.joined()).count { $0 == $1 }
      let share = Double(agreeing) / Double(expected.joined().count)
      print("\(folder.lastPathComponent), \(numbers): the likeliest word agrees in \(share) of the steps")
      // Of random weights the scores of the best words lie close together; bytes disturb them more than those of trained ones.
      #expect(share >= (numbers == .bytes ? 0.8 : 0.97))
    }
  }

  /// The likeliest words after given ones, or those of a greedy search.
  private static func greedy(
    _ model: CheckpointModel, _ numbers: PackedMatrix.Numbers?, _ images: [Image],
    after given: [[Int32]]? = nil
  ) throws -> (words: [[Int32]], likeliest: [[Int]]) {
    let (seeing, writing) = try model.networks(numbers)
    let (pass, sizes) = (VisionPass(seeing), model.configuration.encoder)
    let words = WordPass(writing, images: 1, rows: 1, widest: sizes.tokens)
    var (all, likeliest) = ([[Int32]](), [[Int]]())
    for (index, image) in images.enumerated() {
      let square = model.configuration.preprocessing.square(image, side: sizes.inputSize)
      model.configuration.preprocessing.write(square, patch: sizes.patch, into: pass.patches.base)
      words.begin(steps: 20)
      words.add(pass.run(), frames: 1)
      var (caption, best) = ([model.configuration.markers.beginning], [Int]())
      for step in 0..<20 {
        let row = WordPass.Row(word: caption[step], parent: 0, image: 0)
        let logits = [Float](Rows(words.advance([row]).logits))
        best.append(logits.indices.max { logits[$0] < logits[$1] } ?? 0)
        caption.append(given?[index][step + 1] ?? Int32(best[step]))
      }
      all.append(caption)
      likeliest.append(best)
    }
    return (all, likeliest)
  }

  private static func likeliest(
    _ checkpoint: Checkpoint, _ tokens: Tensor, after caption: [Int32]
  ) throws -> [Int] {
    let pass = WordPass(checkpoint.writing, images: 1, rows: 1, widest: tokens.shape[0])
    pass.begin(steps: caption.count)
    pass.add(tokens.rows, frames: checkpoint.frames)
    let inputs = [checkpoint.model.configuration.markers.beginning] + caption.dropLast()
    return inputs.map { word in
      let logits = [Float](Rows(pass.advance([WordPass.Row(word: word, parent: 0, image: 0)]).logits))
      return logits.indices.max { logits[$0] < logits[$1] } ?? 0
    }
  }

  @Test(arguments: [("crop", 112, 112), ("stretch", 96, 96)])
  func picturesAreMadeSmallerAsByTheProcessors(name: String, side: Int, shortest: Int) throws {
    let golden = try goldenFile("checkpoints/processing")
    let photograph = Image(width: 330, height: 222, pixels: try golden.bytes("photograph"))
    let processing = PictureProcessing(
      fit: name == "crop" ? .crop : .stretch, shortest: shortest, resampling: .bicubic,
      mean: [0.481_454_66, 0.457_827_5, 0.408_210_73],
      deviation: [0.268_629_54, 0.261_302_58, 0.275_777_11])
    let square = processing.square(photograph, side: side)
    #expect(square.width == side && square.height == side)
    // As one patch: planes of red, green and blue.
    var planes = [Float](repeating: 0, count: 3 * side * side)
    processing.write(square, patch: side, into: &planes)
    let expected = try golden.tensor(name, shape: [3, side, side]).values
    let level = 1 / (255 * Float(0.261_302_58))
    let worst = zip(planes, expected).map { abs($0 - $1) }.max() ?? .infinity
    #expect(worst <= level * 1.01, "\(worst / level) levels")
  }

  /// What the network sees of a picture lies where attention is drawn.
  @Test func theMiddleOfAPictureIsSeen() throws {
    let processing = PictureProcessing(
      fit: .crop, shortest: 20, resampling: .bicubic, mean: [0, 0, 0], deviation: [1, 1, 1])
    let wide = Image(width: 90, height: 30, pixels: [UInt8](repeating: 7, count: 90 * 30 * 3))
    let seen = processing.seen(wide, side: 20)
    #expect(seen.width == 30 && seen.height == 30)
    let narrow = processing.seen(
      Image(width: 1, height: 5000, pixels: [UInt8](repeating: 7, count: 15_000)), side: 20)
    #expect(narrow.width == 1 && narrow.height == 1)
    let square = processing.square(
      Image(width: 1, height: 5000, pixels: [UInt8](repeating: 7, count: 15_000)), side: 20)
    #expect(square.width == 20 && square.height == 20)
  }
}
