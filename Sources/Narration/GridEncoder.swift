import CKernels
import Compute
import Media
import Networks
import Tensors

/// The convolutional encoder, ready to run: from a picture to its grid of features. One for each worker.
package final class GridEncoder {
  package let network: EfficientNetLite
  private let chain: ConvolutionChain

  /// Grid positions, row-major from the top left.
  package var positions: Int { network.gridSide * network.gridSide }

  /// Compiles the network and packs its weights, which stand in the file under `encoder`, batch norm folded in.
  package init(_ network: EfficientNetLite, weights file: SafetensorsFile, _ engine: Engine) throws {
    self.network = network
    chain = ConvolutionChain(engine)
    let side = network.inputSize
    var value = try chain.input(channels: 3, extent: [side, side])
    var blockInput = value
    for layer in network.layers {
      if layer.opensBlock { blockInput = value }
      value = try chain.convolution(
        value, weight: file.tensor("encoder.\(layer.name).weight", shape: layer.weightShape),
        bias: file.tensor("encoder.\(layer.name).bias", shape: [layer.weightShape[0]]),
        stride: [layer.stride, layer.stride], groups: layer.groups,
        activation: layer.clipped ? .relu6 : .none, residual: layer.addsResidual ? blockInput : nil)
    }
    try chain.finish(value)
  }

  /// Encodes a picture, resized to the network's square if it is of another size.
  /// - Returns: [positions, channels], valid until the next call.
  package func encode(_ image: Image) -> UnsafePointer<Float> {
    let side = network.inputSize
    let square =
      image.width == side && image.height == side ? image : image.resized(width: side, height: side)
    guard let input = chain.input, let output = chain.output else {
      preconditionFailure("the chain is unfinished")
    }
    narrate_normalize_rgb(square.pixels, input, side * side, side * side, 127, 1 / 128)
    chain.run()
    return output
  }

  /// What oneDNN chose for each operation.
  package var implementations: [String] { chain.implementations }
}
