import CKernels
import Compute
import Media
import Networks
import Tensors

/// The convolutional encoder, ready to run: from a picture to its grid of features. One for each worker.
package final class GridEncoder {
  package let network: EfficientNetLite
  private let chain: ConvolutionChain
  private let worker: ChainWorker

  /// Grid positions, row-major from the top left.
  package var positions: Int { network.gridSide * network.gridSide }

  /// Compiles the network and packs its weights, which stand in the file under `encoder`, batch norm folded in.
  package convenience init(_ network: EfficientNetLite, weights file: SafetensorsFile, _ engine: Engine)
    throws
  {
    let chain = ConvolutionChain(engine)
    let side = network.inputSize
    var value = try chain.input(channels: 3, extent: [side, side])
    var blockInput = value
    for layer in network.layers {
      if layer.opensBlock { blockInput = value }
      value = try chain.convolution(
        value, weight: file.lazy("encoder.\(layer.name).weight", shape: layer.weightShape),
        bias: file.lazy("encoder.\(layer.name).bias", shape: [layer.weightShape[0]]),
        stride: [layer.stride, layer.stride], groups: layer.groups,
        activation: layer.clipped ? .relu6 : .none, residual: layer.addsResidual ? blockInput : nil)
    }
    try chain.finish(value)
    try self.init(network, chain)
  }

  private init(_ network: EfficientNetLite, _ chain: ConvolutionChain) throws {
    (self.network, self.chain) = (network, chain)
    worker = try ChainWorker(chain)
  }

  /// The same network, the same packed weights, for another thread.
  package func copy() throws -> GridEncoder { try GridEncoder(network, chain) }

  /// So many that can run at the same time, this one among them.
  package func forWorkers(_ count: Int) throws -> [GridEncoder] {
    try [self] + (1..<count).map { _ in try copy() }
  }

  /// Encodes a picture, resized to the network's square if it is of another size.
  /// - Returns: [positions, channels], valid until the next call.
  package func encode(_ image: Image) -> UnsafePointer<Float> {
    let side = network.inputSize
    let square =
      image.width == side && image.height == side ? image : image.resized(width: side, height: side)
    narrate_normalize_rgb(square.pixels, worker.input, side * side, side * side, 127, 1 / 128)
    worker.run()
    return worker.output
  }

  /// What oneDNN chose for each operation.
  package var implementations: [String] { chain.implementations }
}
