import Networks
import Tensors

/// Weights of an encoder's last layers, batch norm folded in: what fine-tuning learns. In files they stand under
/// `encoder.<layer>.weight` and `encoder.<layer>.bias`.
package struct EncoderWeights: Learned {
  /// One convolution's.
  package struct Layer: Sendable {
    /// As in `EfficientNetLite.Layer`.
    package let name: String
    /// [outputs, inputs / groups, kernel, kernel]
    package var weight: Tensor
    /// [outputs]
    package var bias: Tensor
  }

  package var layers: [Layer]

  package init(_ layers: [Layer]) { self.layers = layers }

  /// Weights uniform, scaled for ReLU (He et al. 2015), biases zero; all zero without a generator.
  package init(_ layers: some Sequence<EfficientNetLite.Layer>, using random: inout RandomGenerator?) {
    self.layers = []
    for layer in layers {
      let bound = (6 / Float(layer.weightShape.dropFirst().reduce(1, *))).squareRoot()
      self.layers.append(
        Layer(
          name: layer.name, weight: Tensor(shape: layer.weightShape, uniform: bound, using: &random),
          bias: Tensor(shape: [layer.weightShape[0]])))
    }
  }

  /// Those of a model's file.
  package init(_ layers: some Sequence<EfficientNetLite.Layer>, from file: SafetensorsFile)
    throws(SafetensorsError)
  {
    var none: RandomGenerator?
    self.init(layers, using: &none)
    try load("encoder", from: file)
  }

  package var parameters: [Parameter<EncoderWeights>] {
    layers.indices.flatMap { index in
      [
        Parameter("\(layers[index].name).weight", \.layers[index].weight),
        Parameter("\(layers[index].name).bias", \.layers[index].bias),
      ]
    }
  }
}
