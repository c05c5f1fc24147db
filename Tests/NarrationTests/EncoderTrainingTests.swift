import Compute
import Foundation
import Media
import Models
import Narration
import Networks
import Tensors
import Testing

@Suite struct EncoderTrainingTests {
  private static let model = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("models/caption-everyday/model.safetensors").path

  /// Made-up pictures and what the network is given of them, [images, 3, side, side].
  private static func pictures(_ count: Int, side: Int) -> (images: [Image], pixels: Tensor) {
    var random = RandomGenerator(seed: 31)
    var pixels = Tensor(shape: [count, 3, side, side])
    let images = (0..<count).map { number in
      let bytes = (0..<side * side * 3).map { _ in UInt8(random.integer(below: 256)) }
      for (index, byte) in bytes.enumerated() {
        let place = (number * 3 + index % 3) * side * side + index / 3
        pixels.mutablePointer[place] = (Float(byte) - 127) / 128
      }
      return Image(width: side, height: side, pixels: bytes)
    }
    return (images, pixels)
  }

  /// [images * 3, side * side]
  private static func planes(_ pixels: Tensor) -> Rows {
    Rows(pixels.pointer, rows: pixels.shape[0] * 3, columns: pixels.shape[2] * pixels.shape[3])
  }

  /// With the shipped weights, from all layers to the head alone.
  @Test(arguments: [21, 13, 1, 0]) func forwardEqualsTheGridEncoder(blocks: Int) throws {
    let file = try SafetensorsFile(path: Self.model)
    let network = EfficientNetLite(.lite2)
    let first = blocks == 21 ? 0 : network.firstLayer(ofLastBlocks: blocks)
    let (images, pixels) = Self.pictures(2, side: network.inputSize)
    let training = try EncoderTraining(
      network, trainableFrom: first, frozen: file, images: 2, Engine())
    let weights = try EncoderWeights(network.layers[first...], from: file)
    let features = training.forward(Self.planes(pixels), weights)
    let encoder = try GridEncoder(network, weights: file, Engine())
    #expect(training.positions == encoder.positions)
    for (number, image) in images.enumerated() {
      let expected = [Float](encoder.encode(image))
      let found = [Float](features[number * encoder.positions..<(number + 1) * encoder.positions])
      let worst = try #require(zip(found, expected).map { $0.isNaN ? .infinity : abs($0 - $1) }.max())
      #expect(worst < 1e-5 * (try #require(expected.max())))
    }
  }

  /// oneDNN may split a weight's sum over positions among threads.
  @Test func gradientsDoNotDependOnThreads() throws {
    let file = try SafetensorsFile(path: Self.model)
    let network = EfficientNetLite(.lite2)
    let first = network.firstLayer(ofLastBlocks: 13)
    let (_, pixels) = Self.pictures(2, side: network.inputSize)
    let weights = try EncoderWeights(network.layers[first...], from: file)
    var random = Optional(RandomGenerator(seed: 4))
    let dy = Tensor(shape: [2, 81, EfficientNetLite.channels], normal: 1, using: &random)
    let gradients = try [1, 2].map { threads in
      try ThreadTeam(threads).run {
        let training = try EncoderTraining(network, trainableFrom: first, frozen: file, images: 2, Engine())
        _ = training.forward(Self.planes(pixels), weights)
        var gradient = weights.zeros
        training.backward(dy.rows, weights, gradient: &gradient)
        return gradient
      }
    }
    for parameter in weights.parameters {
      let (one, two) = (
        gradients[0][keyPath: parameter.path].values, gradients[1][keyPath: parameter.path].values
      )
      let scale = try #require(one.map(abs).max())
      #expect(scale > 0, "\(parameter.name)")
      let worst = try #require(zip(one, two).map { $1.isNaN ? .infinity : abs($0 - $1) }.max())
      #expect(worst <= 1e-5 * scale, "\(parameter.name)")
    }
  }

  /// Weights come back from a file as they were, under the names of a model.
  @Test func weightsAreSaved() throws {
    let model = try TinyModel()
    let network = EfficientNetLite(.lite0, inputSize: 64)
    var random = Optional(RandomGenerator(seed: 6))
    let layers = network.layers[network.firstLayer(ofLastBlocks: 1)...]
    let weights = EncoderWeights(layers, using: &random)
    #expect(weights.parameters.map(\.name).prefix(2) == ["blocks.15.expand.weight", "blocks.15.expand.bias"])
    var writer = SafetensorsWriter()
    writer.add("encoder", weights, half: false)
    let path = model.folder.appendingPathComponent("weights.safetensors").path
    try writer.write(to: path)
    let read = try EncoderWeights(layers, from: SafetensorsFile(path: path))
    for parameter in weights.parameters {
      #expect(read[keyPath: parameter.path] == weights[keyPath: parameter.path])
    }
  }

  /// The last block and the head learn ten random pictures by heart: sixteen numbers for each, which are means over
  /// positions and eighty channels.
  @Test func tenPicturesAreLearned() throws {
    let model = try TinyModel()
    let file = try SafetensorsFile(path: model.folder.appendingPathComponent("model.safetensors").path)
    let network = EfficientNetLite(.lite0, inputSize: 64)
    let first = network.firstLayer(ofLastBlocks: 1)
    let (_, pixels) = Self.pictures(10, side: 64)
    let training = try EncoderTraining(network, trainableFrom: first, frozen: file, images: 10, Engine())
    var weights = try EncoderWeights(network.layers[first...], from: file)
    var optimizer = AdamW(weights)
    var random = RandomGenerator(seed: 17)
    let targets = (0..<160).map { _ in random.uniform() }
    var dy = Tensor(shape: [10, 4, EfficientNetLite.channels])
    var losses: [Float] = []
    for _ in 0..<100 {
      let features = [Float](training.forward(Self.planes(pixels), weights))
      var loss: Float = 0
      for image in 0..<10 {
        for group in 0..<16 {
          let places = (0..<320).map {
            (image * 4 + $0 / 80) * EfficientNetLite.channels + group * 80 + $0 % 80
          }
          let distance = places.reduce(0) { $0 + features[$1] } / 320 - targets[image * 16 + group]
          loss += distance * distance / 160
          for place in places { dy.mutablePointer[place] = distance / 320 }
        }
      }
      losses.append(loss)
      var gradient = weights.zeros
      training.backward(dy.rows, weights, gradient: &gradient)
      optimizer.update(&weights, gradient: gradient, rate: 1e-3)
    }
    #expect(losses[0] > 0.05)
    #expect(losses[99] < 1e-3, "\(losses[0]) to \(losses[99])")
  }
}
