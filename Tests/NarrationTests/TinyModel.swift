import Foundation
import Language
import Models
import Narration
import Networks
import Tensors

/// A model folder with random weights, small in everything but the encoder's shape, in a temporary place.
final class TinyModel {
  let folder: URL

  /// - Parameters:
  ///   - bias: of all words' logits
  ///   - classes: of the encoder's classifier; 0 is none
  ///   - transformer: nil: its decoder is an LSTM
  ///   - words: those that it knows; the first is said wherever it may be if there is a detector
  ///   - detector: of words
  init(
    bias: Float = 0, classes: Int = 0, transformer: TransformerSizes? = nil,
    words: [String] = ["a", "dog", "on", "runs", "sand", "the"], detector: FoundWords? = nil
  ) throws {
    folder = FileManager.default.temporaryDirectory.appendingPathComponent(
      "narrate-\(UUID().uuidString)/tiny")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let vocabulary = Vocabulary(words: Vocabulary.specials + words)
    let sizes = DecoderSizes(
      words: vocabulary.count, channels: EfficientNetLite.channels, embedding: transformer == nil ? 8 : 16,
      hidden: 16, attention: 8, projection: 16, transformer: transformer)
    let configuration = CaptionConfiguration(
      encoder: EfficientNetLite(.lite0, inputSize: 64), decoder: sizes,
      decoding: CaptionConfiguration.Decoding(lengthExponent: 0.7))
    let bytes = try configuration.encoded()
    var random = Optional(RandomGenerator(seed: 8))
    var writer = SafetensorsWriter(metadata: [
      "format": String(configuration.format),
      "configuration": bytes.withUnsafeBytes { XXHash64.hexadecimal($0) },
    ])
    for layer in configuration.encoder.layers {
      let deviation = (2 / Float(layer.weightShape.dropFirst().reduce(1, *))).squareRoot()
      writer.add(
        "encoder.\(layer.name).weight", Tensor(shape: layer.weightShape, normal: deviation, using: &random),
        half: true)
      writer.add("encoder.\(layer.name).bias", Tensor(shape: [layer.weightShape[0]]), half: true)
    }
    var decoder = CaptionDecoder(sizes, using: &random)
    if bias != 0 { decoder.output.bias.fill(bias) }
    if detector != nil { decoder.output.bias.mutablePointer[Vocabulary.specials.count] = 40 }
    detector?.add(to: &writer)
    // What half precision does not hold is not written in it.
    writer.add("decoder", decoder, half: bias.isFinite)
    if classes > 0 {
      let classifier = Linear(inputs: EfficientNetLite.channels, outputs: classes, using: &random)
      writer.add("classifier", classifier, half: true)
    }
    try writer.write(to: folder.appendingPathComponent("model.safetensors").path)
    try bytes.write(to: folder.appendingPathComponent("config.json"))
    try vocabulary.encoded.write(to: folder.appendingPathComponent("vocabulary.txt"))
  }

  deinit { try? FileManager.default.removeItem(at: folder.deletingLastPathComponent()) }
}
