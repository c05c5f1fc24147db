import Compute
import Networks
import Tensors

/// The encoder's training pass: its first layers as they are, the others forward and backward. A batch of pictures in,
/// their grids of features out; gradients of the features in, those of the weights out.
///
/// Weights are plain convolutions, batch norm folded in, and are fine-tuned as such.
package final class EncoderTraining {
  package let network: EfficientNetLite
  /// Index of the first layer that learns.
  package let firstLayer: Int
  /// Pictures of a batch.
  package let images: Int
  private let frozen: GraphWorker?
  private let pass: ConvolutionPass
  /// What the learning layers are given, [images, positions, channels].
  private var input: Tensor

  /// - Parameters:
  ///   - firstLayer: 0, or a layer that opens a block, or the last
  ///   - file: whose first layers are used as they are, under `encoder`
  ///   - images: pictures of a batch
  package init(
    _ network: EfficientNetLite, trainableFrom firstLayer: Int, frozen file: SafetensorsFile, images: Int,
    _ engine: Engine
  ) throws {
    let layers = network.layers
    precondition(firstLayer == 0 || firstLayer == layers.count - 1 || layers[firstLayer].opensBlock)
    (self.network, self.firstLayer, self.images) = (network, firstLayer, images)
    var side = network.inputSize
    for layer in layers[..<firstLayer] { side = (side + layer.stride - 1) / layer.stride }
    frozen =
      firstLayer == 0
      ? nil
      : try GraphWorker(
        InferenceGraph(layers[..<firstLayer], side: network.inputSize, weights: file, engine))
    pass = ConvolutionPass(Array(layers[firstLayer...]), extent: [side, side], images: images)
    input = Tensor(shape: [
      images, side * side, layers[firstLayer].weightShape[1] * layers[firstLayer].groups,
    ])
  }

  /// Grid positions, row-major from the top left.
  package var positions: Int { network.gridSide * network.gridSide }

  /// - Parameters:
  ///   - pixels: [images, 3, side, side], (value - 127) / 128
  ///   - weights: of the layers from `firstLayer` on
  /// - Returns: [images, positions, channels], valid until the next call
  package func forward(_ pixels: UnsafePointer<Float>, _ weights: EncoderWeights) -> UnsafePointer<Float> {
    let count = 3 * network.inputSize * network.inputSize
    let size = input.count / images
    for image in 0..<images {
      let target = input.mutablePointer + image * size
      if let frozen {
        frozen.input.update(from: pixels + image * count, count: count)
        frozen.run()
        target.update(from: frozen.output, count: size)
      } else {
        interleave(pixels + image * count, into: target)
      }
    }
    return pass.forward(input.pointer, weights)
  }

  /// Adds to the gradients of the weights that `forward` was given.
  /// - Parameter dFeatures: [images, positions, channels]
  package func backward(
    _ dFeatures: UnsafePointer<Float>, _ weights: EncoderWeights, gradient: inout EncoderWeights
  ) {
    pass.backward(dFeatures, weights, gradient: &gradient)
  }

  /// From planes to pixels.
  private func interleave(_ planes: UnsafePointer<Float>, into pixels: UnsafeMutablePointer<Float>) {
    let count = network.inputSize * network.inputSize
    for channel in 0..<3 {
      for index in 0..<count { pixels[3 * index + channel] = planes[channel * count + index] }
    }
  }
}
