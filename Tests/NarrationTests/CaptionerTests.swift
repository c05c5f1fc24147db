import Compute
import Foundation
import Language
import Media
import Models
import Narration
import Networks
import Synchronization
import Tensors
import Testing

@Suite struct CaptionerTests {
  private func picture(_ side: Int, seed: UInt64 = 1) -> Image {
    var random = RandomGenerator(seed: seed)
    return Image(
      width: side, height: side + 3,
      pixels: (0..<side * (side + 3) * 3).map { _ in UInt8(truncatingIfNeeded: random.next()) })
  }

  @Test func captionsHaveWordsProbabilitiesAndAttention() throws {
    let model = try TinyModel()
    let captioner = try CaptionEngine(model: model.folder)
    #expect(captioner.name == "tiny")
    #expect(captioner.inputSize == 64)
    #expect(captioner.grid == Grid(rows: 2, columns: 2))
    var options = CaptionOptions()
    (options.beamWidth, options.top, options.maximumWords) = (4, 3, 6)
    let captions = try captioner.caption(picture(80), options: options)
    #expect(captions.count == 3)
    for caption in captions {
      #expect(caption.words.count <= 6)
      #expect(caption.text == caption.words.map(\.text).joined(separator: " "))
      #expect(caption.confidence > 0 && caption.confidence <= 1)
      for word in caption.words {
        #expect(word.probability > 0 && word.probability <= 1)
        #expect(word.attention.count == 4)
        #expect(abs(word.attention.reduce(0, +) - 1) < 1e-5)
        #expect(!Vocabulary.specials.contains(word.text))
      }
    }
  }

  @Test func theBeamIsAtLeastAsWideAsTheNumberWanted() throws {
    var options = CaptionOptions()
    (options.beamWidth, options.top) = (1, 5)
    let model = try TinyModel()
    #expect(try CaptionEngine(model: model.folder).caption(picture(64), options: options).count == 5)
  }

  @Test func captionsAreTheSameForAnyNumberOfThreadsAndAnyOrder() throws {
    let model = try TinyModel()
    let pictures = (1...3).map { picture(64 + Int($0), seed: $0) }
    let one = try CaptionEngine(model: model.folder, threads: 1)
    let two = try CaptionEngine(model: model.folder, threads: 2)
    let expected = try pictures.map { try one.caption($0) }
    for (image, caption) in zip(pictures, expected).reversed() { #expect(try two.caption(image) == caption) }
    #expect(try pictures.map { try one.caption($0) } == expected)
  }

  /// Searched side by side, with one missing among them; and on two threads at the same time with the same weights.
  @Test(arguments: [nil, TransformerSizes(layers: 2, heads: 2, feedForward: 12)])
  func captionsAreTheSameInAnyBatchAndOnAnyThread(transformer: TransformerSizes?) throws {
    let model = try TinyModel(transformer: transformer)
    let pictures = (1...4).map { picture(64 + Int($0), seed: $0) }
    let captioner = try CaptionEngine(model: model.folder)
    var options = CaptionOptions()
    (options.beamWidth, options.top, options.maximumWords) = (3, 3, 7)
    let expected = try pictures.map { try captioner.caption($0, options: options) }
    #expect(Set(expected.map { $0[0].logProbability }).count == 4, "pictures that tell batches apart")
    let together = try captioner.captions(4, options: options) { $0 == 2 ? nil : [pictures[$0]] }
    #expect(together.map { $0 != nil } == [true, true, false, true])
    for (found, wanted) in zip(together, expected) { #expect(found == nil || found == wanted) }
    struct Stop: Error {}
    #expect(throws: Stop.self) {
      try captioner.captions(2, options: options) { index in
        if index == 1 { throw Stop() }
        return [pictures[0]]
      }
    }
    #expect(try captioner.caption(pictures[1], options: options) == expected[1], "nothing is left behind")
    // Longer captions need more room; what was made in less is as before.
    var longer = options
    longer.maximumWords = 15
    let long = try captioner.caption(pictures[1], options: longer)
    #expect(try CaptionEngine(model: model.folder).caption(pictures[1], options: longer) == long)
    #expect(try captioner.caption(pictures[1], options: options) == expected[1])

    let results = Mutex<[[[Caption]]]>([])
    let (settings, workers) = (options, [captioner, try captioner.copy()].map(OneThread.init))
    DispatchQueue.concurrentPerform(iterations: 2) { index in
      let captions = (0..<5).flatMap { _ in
        pictures.compactMap { try? workers[index].captioner.caption($0, options: settings) }
      }
      results.withLock { $0.append(captions) }
    }
    let five = (0..<5).flatMap { _ in expected }
    #expect(results.withLock { $0 } == [five, five])
  }

  @Test(arguments: [1, 3]) func aCrewCaptionsAsOneDoes(count: Int) throws {
    let model = try TinyModel()
    let expected = try CaptionEngine(model: model.folder).caption(picture(70))
    let pool = try CaptionEngine.pool(count, model: model.folder, threads: 1, precision: .auto)
    #expect(pool.count == count && pool.allSatisfy { $0.name == "tiny" && $0.precision == .f32 })
    for captioner in pool { #expect(try captioner.caption(picture(70)) == expected) }
  }

  /// A clip of many frames is searched alone, and has no room for others; those who come after have it again.
  @Test func aLongClipHasMemoryForItself() throws {
    let model = try TinyModel()
    let captioner = try CaptionEngine(model: model.folder)
    let frames = 3000
    let features = Tensor(shape: [frames, 4, EfficientNetLite.channels])
    let pictures = (1...4).map { picture(64, seed: $0) }
    let expected = try captioner.captions(4, options: .init()) { [pictures[$0]] }
    let usual = captioner.searchByteCount
    let long = try captioner.captions(features.rows, options: .init())
    #expect(long[0].words.allSatisfy { $0.attention.count == frames * 4 })
    // At least the values and keys of its cells, and the attention weights of the beam's sentences.
    let sizes = try CaptionModel(contentsOf: model.folder).configuration.decoder
    let valuesPerCell = sizes.projection + sizes.attention + CaptionOptions().beamWidth
    let alone =
      frames * captioner.grid.rows * captioner.grid.columns * valuesPerCell * MemoryLayout<Float>.stride
    #expect(captioner.searchByteCount >= alone)
    #expect(captioner.searchByteCount < alone + 2 * max(usual, 1 << 20))
    #expect(try captioner.captions(4, options: .init()) { [pictures[$0]] } == expected)
    #expect(captioner.searchByteCount == usual)
  }

  /// `@unchecked Sendable`: each is used on one thread.
  private struct OneThread: @unchecked Sendable { let captioner: CaptionEngine }

  @Test func weightsThatScoreNoNumbersAreRefused() throws {
    let model = try TinyModel(bias: .nan)
    let captioner = try CaptionEngine(model: model.folder)
    #expect(throws: ModelError.self) { try captioner.caption(picture(64)) }
    #expect(throws: ModelError.self) { try captioner.captions(2, options: .init()) { _ in [picture(64)] } }
  }

  /// Decoding with packed weights agrees with the teacher-forced network that was trained, for photographs and clips, in
  /// each style.
  @Test(
    arguments: [nil, TransformerSizes(layers: 2, heads: 3, feedForward: 20)],
    [(1, 0), (1, 1), (2, 0), (2, 1), (3, 0), (3, 1)])
  func wordProbabilitiesAreThoseOfTheTrainedNetwork(
    transformer: TransformerSizes?, clip: (frames: Int, style: Int)
  ) throws {
    let (frames, style) = clip
    let sizes = DecoderSizes(
      words: 30, channels: 20, embedding: 12, hidden: 12, attention: 6, projection: 10, styles: 2,
      frameKnots: 4,
      transformer: transformer)
    var random = Optional(RandomGenerator(seed: 21))
    let decoder = CaptionDecoder(sizes, using: &random)
    let positions = 4
    let features = Tensor(shape: [frames, positions, sizes.channels], uniform: 1, using: &random)
    let generator = CaptionGenerator(
      FixedDecoder(decoder), positions: positions, frames: 3, style: style, width: 3, lengthExponent: 0.7)
    let results = generator.captions(features.rows, maximumWords: 8)
    #expect(results.count == 3)
    for result in results {
      let words = [Vocabulary.beginning] + result.words
      let batch = CaptionBatch(images: 1, captions: [(words, 0)], frames: [frames], styles: [style])
      var none: CaptionDecoder?
      let loss = TeacherForcing().run(
        decoder, features: features.rows, positions: positions, batch: batch, regularization: .none,
        totals: TeacherForcing.Totals(words: batch.rows, captions: 1), seed: 0, gradient: &none)
      #expect(abs(Double(result.logProbability) + loss.crossEntropy) < 1e-3)
      #expect(result.attention.count == result.words.count)
      #expect(
        result.attention.allSatisfy { $0.count == frames * positions && abs($0.reduce(0, +) - 1) < 1e-4 })
    }
  }
}

@Suite struct ModelFolderTests {
  @Test(
    arguments: [
      (2, 3, 9, 12, true), (0, 3, 9, 12, false), (2, 5, 9, 12, false), (2, 3, 0, 12, false),
      (2, 3, 9, 8, false),
    ])
  func aTransformersSizesMustGoWithEachOther(
    layers: Int, heads: Int, feedForward: Int, embedding: Int, isSound: Bool
  ) {
    let sizes = DecoderSizes(
      words: 30, channels: 20, embedding: embedding, hidden: 12, attention: 6, projection: 10,
      transformer: TransformerSizes(layers: layers, heads: heads, feedForward: feedForward))
    #expect(sizes.isTransformerSound == isSound)
  }

  private func failure(_ damage: (URL) throws -> Void) throws -> ModelError? {
    let model = try TinyModel()
    try damage(model.folder)
    do {
      _ = try CaptionEngine(model: model.folder)
      return nil
    } catch let error as ModelError {
      #expect(!"\(error)".contains("\n"))
      #expect("\(error)".contains(model.folder.path))
      return error
    }
  }

  private func change(_ name: String, _ edit: @escaping (inout Data) throws -> Void) -> (URL) throws -> Void {
    { folder in
      let file = folder.appendingPathComponent(name)
      var bytes = try Data(contentsOf: file)
      try edit(&bytes)
      try bytes.write(to: file)
    }
  }

  @Test func aWholeFolderLoads() throws { #expect(try failure { _ in } == nil) }

  @Test(arguments: ["", "config.json", "vocabulary.txt", "model.safetensors"])
  func missingFiles(name: String) throws {
    let error = try failure {
      try FileManager.default.removeItem(at: name.isEmpty ? $0 : $0.appendingPathComponent(name))
    }
    guard case .missing = error else {
      Issue.record("\(String(describing: error))")
      return
    }
  }

  @Test func aModelOfAnotherFormatIsRefused() throws {
    let older = change("config.json") {
      $0 = Data(
        String(decoding: $0, as: UTF8.self).replacingOccurrences(
          of: "\"format\" : 2", with: "\"format\" : 1"
        ).utf8)
    }
    #expect(try failure(older)?.description.contains("format 1; this version runs format 2") == true)
  }

  @Test func damagedFiles() throws {
    let damages = [
      change("model.safetensors") { $0.removeLast(1000) },
      change("model.safetensors") { $0[$0.count / 2] ^= 4 },
      change("model.safetensors") { $0[6] = 1 },
      change("model.safetensors") { $0 = Data("not weights".utf8) },
      change("vocabulary.txt") { $0 += Data("more\n".utf8) },
      change("vocabulary.txt") { $0 = Data($0.dropLast(4)) },
      change("vocabulary.txt") { $0[$0.count - 2] = 0xff },
      change("config.json") { $0 = Data("{}".utf8) },
      change("config.json") { $0 = Data("nonsense".utf8) },
      change("config.json") { $0 += Data(" ".utf8) },
      change("config.json") {
        $0 = Data(
          String(decoding: $0, as: UTF8.self).replacingOccurrences(
            of: "\"hidden\" : 16", with: "\"hidden\" : 17"
          ).utf8)
      },
      change("config.json") {
        $0 = Data(
          String(decoding: $0, as: UTF8.self).replacingOccurrences(
            of: "\"hidden\" : 16", with: "\"hidden\" : -1"
          ).utf8)
      },
      change("config.json") {
        $0 = Data(String(decoding: $0, as: UTF8.self).replacingOccurrences(of: "lite0", with: "lite9").utf8)
      },
    ]
    for (index, damage) in damages.enumerated() {
      guard case .damaged = try failure(damage) else {
        Issue.record("damage \(index) went unnoticed")
        continue
      }
    }
  }
}
