import Compute
import Networks
import Tensors

/// EfficientNet-Lite (Tan and Le 2019; the Lite variant of 2020: ReLU6, no squeeze-and-excite, stem and head not scaled)
/// up to its last convolution: a picture in, a grid of 1,280 channels at 1/32 of its size out.
package struct EfficientNetLite: Codable, Equatable, Sendable {
  /// The published variants, which differ in width, depth and the size of picture that they were trained on.
  package enum Variant: String, Codable, Sendable, CaseIterable {
    case lite0 = "efficientnet-lite0"
    case lite1 = "efficientnet-lite1"
    case lite2 = "efficientnet-lite2"
    case lite3 = "efficientnet-lite3"
    case lite4 = "efficientnet-lite4"

    /// Multipliers of the channels and of the blocks of a stage.
    var scale: (width: Double, depth: Double) {
      switch self {
      case .lite0: (1.0, 1.0)
      case .lite1: (1.0, 1.1)
      case .lite2: (1.1, 1.2)
      case .lite3: (1.2, 1.4)
      case .lite4: (1.4, 1.8)
      }
    }

    /// Side of the square picture that the weights were trained on, in pixels.
    package var inputSize: Int {
      switch self {
      case .lite0: 224
      case .lite1: 240
      case .lite2: 260
      case .lite3: 280
      case .lite4: 300
      }
    }
  }

  /// One inverted residual block: expand, filter each channel, project.
  package struct Block: Equatable {
    package let kernel: Int
    package let stride: Int
    /// Channels within, as a multiple of the input's.
    package let expansion: Int
    package let inputs: Int
    package let outputs: Int
  }

  /// One convolution of the chain, batch norm folded in.
  package struct Layer: Equatable {
    /// The tensors' name without `weight` or `bias`, such as `blocks.3.expand`.
    package let name: String
    /// [outputs, inputs / groups, kernel, kernel]
    package let weightShape: [Int]
    let stride: Int
    let groups: Int
    /// Whether ReLU6 follows.
    let clipped: Bool
    /// Whether a block begins here, whose input may be added at its end.
    var opensBlock: Bool
    /// Whether the block's input is added.
    var addsResidual: Bool

    package init(
      name: String, weightShape: [Int], stride: Int = 1, groups: Int = 1, clipped: Bool = true,
      opensBlock: Bool = false, addsResidual: Bool = false
    ) {
      (self.name, self.weightShape, self.stride, self.groups) = (name, weightShape, stride, groups)
      (self.clipped, self.opensBlock, self.addsResidual) = (clipped, opensBlock, addsResidual)
    }
  }

  /// Channels of the grid.
  package static let channels = 1280
  /// Channels of the stem.
  static let stem = 32

  /// That of the pictures which the published weights were trained with.
  package static let preprocessing = Preprocessing(resize: .stretch, mean: 127, scale: 128)

  package let architecture: Variant
  /// Side of the square picture, in pixels.
  package let inputSize: Int

  package init(_ architecture: Variant, inputSize: Int? = nil) {
    (self.architecture, self.inputSize) = (architecture, inputSize ?? architecture.inputSize)
  }

  /// What `inputSize` may be: more takes gigabytes.
  package static let inputSizes = 32...2048
  var isSound: Bool { Self.inputSizes.contains(inputSize) }

  /// Rows, and columns, of the grid.
  package var gridSide: Int { (inputSize + 31) / 32 }

  package var blocks: [Block] {
    let stages: [(repeats: Int, kernel: Int, stride: Int, expansion: Int, outputs: Int)] = [
      (1, 3, 1, 1, 16), (2, 3, 2, 6, 24), (2, 5, 2, 6, 40), (3, 3, 2, 6, 80), (3, 5, 1, 6, 112),
      (4, 5, 2, 6, 192),
      (1, 3, 1, 6, 320),
    ]
    let (width, depth) = architecture.scale
    var blocks: [Block] = []
    var inputs = Self.stem
    for (index, stage) in stages.enumerated() {
      let outputs = Self.rounded(Double(stage.outputs) * width)
      let fixed = index == 0 || index == stages.count - 1
      let repeats = fixed ? stage.repeats : Int((Double(stage.repeats) * depth).rounded(.up))
      for turn in 0..<repeats {
        blocks.append(
          Block(
            kernel: stage.kernel, stride: turn == 0 ? stage.stride : 1, expansion: stage.expansion,
            inputs: inputs,
            outputs: outputs))
        inputs = outputs
      }
    }
    return blocks
  }

  /// All convolutions in order.
  package var layers: [Layer] {
    func layer(
      _ name: String, _ outputs: Int, _ inputs: Int, kernel: Int = 1, stride: Int = 1, groups: Int = 1,
      clipped: Bool = true
    ) -> Layer {
      Layer(
        name: name, weightShape: [outputs, inputs / groups, kernel, kernel], stride: stride, groups: groups,
        clipped: clipped)
    }
    var layers = [layer("stem", Self.stem, 3, kernel: 3, stride: 2)]
    let blocks = blocks
    for (index, block) in blocks.enumerated() {
      let inner = block.inputs * block.expansion
      let first = layers.count
      if block.expansion != 1 { layers.append(layer("blocks.\(index).expand", inner, block.inputs)) }
      layers.append(
        layer(
          "blocks.\(index).depthwise", inner, inner, kernel: block.kernel, stride: block.stride, groups: inner
        ))
      layers.append(layer("blocks.\(index).project", block.outputs, inner, clipped: false))
      layers[first].opensBlock = true
      layers[layers.count - 1].addsResidual = block.stride == 1 && block.inputs == block.outputs
    }
    return layers + [layer("head", Self.channels, blocks.last?.outputs ?? Self.stem)]
  }

  /// The layers whose outputs have no fixed range.
  package var linearLayers: [Layer] { layers.filter { !$0.clipped } }

  /// The first layer of the last blocks, so many of them, and the head: where fine-tuning may begin.
  package func firstLayer(ofLastBlocks count: Int) -> Int {
    let layers = layers
    let starts = layers.indices.filter { layers[$0].opensBlock }
    return count == 0 ? layers.count - 1 : starts[starts.count - count]
  }

  /// The nearest multiple of 8 that is not more than a tenth smaller.
  private static func rounded(_ channels: Double) -> Int {
    let nearest = max(8, Int(channels + 4) / 8 * 8)
    return Double(nearest) < 0.9 * channels ? nearest + 8 : nearest
  }
}
