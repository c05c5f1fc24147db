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
  ///   - pixels: [images * 3, side * side], (value - 127) / 128
  ///   - weights: of the layers from `firstLayer` on
  /// - Returns: [images * positions, channels], valid until the next call
  package func forward(_ pixels: Rows, _ weights: EncoderWeights) -> Rows {
    precondition(pixels.isDense && pixels.rows == 3 * images)
    precondition(pixels.columns == network.inputSize * network.inputSize)
    let inputs = input.mutableRows
    let positions = inputs.rows / images
    for image in 0..<images {
      let planes = pixels[3 * image..<3 * (image + 1)]
      let target = inputs[image * positions..<(image + 1) * positions]
      if let frozen {
        frozen.input.update(from: planes.base, count: planes.count)
        frozen.run()
        target.base.update(from: frozen.output, count: target.count)
      } else {
        interleave(planes, into: target)
      }
    }
    return pass.forward(input.rows, weights)
  }

  /// Adds to the gradients of the weights that `forward` was given.
  /// - Parameter dFeatures: [images * positions, channels]
  package func backward(_ dFeatures: Rows, _ weights: EncoderWeights, gradient: inout EncoderWeights) {
    pass.backward(dFeatures, weights, gradient: &gradient)
  }

  /// From planes, [3, pixels], to [pixels, 3].
  private func interleave(_ planes: Rows, into pixels: MutableRows) {
    precondition(pixels.rows == planes.columns && pixels.columns == planes.rows)
    for channel in 0..<planes.rows {
      let plane = planes[channel]
      for index in 0..<planes.columns { pixels[index][channel] = plane[index] }
    }
  }
}
