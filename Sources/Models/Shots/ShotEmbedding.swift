import Networks
import Tensors

/// What the convolutions make of frames, with what their backward pass needs.
package struct ShotEmbedding {
  private let frames: Int
  private let columns: [MutableRows]
  private let maps: [MutableRows]
  /// [frames, embedding], after ReLU
  package let values: MutableRows

  /// - Parameter images: [frames, height * width * 6], by `ShotNetwork.fill`
  package init(_ network: ShotNetwork, images: Rows, arena: Arena) {
    precondition(images.columns == ShotNetwork.imageValues && images.isDense)
    frames = images.rows
    var (columns, maps) = ([MutableRows](), [MutableRows]())
    var input = Rows(
      images.base, rows: images.count / ShotNetwork.inputChannels, columns: ShotNetwork.inputChannels)
    for (layer, convolution) in [network.first, network.second, network.third].enumerated() {
      let window = ShotNetwork.windows[layer]
      let cells = frames * window.count
      let unfolded = arena.rows(cells, convolution.kernel.inputs)
      let map = arena.rows(cells, convolution.outputs)
      convolution.forward(input, window, columns: unfolded, into: map)
      relu(map)
      columns.append(unfolded)
      maps.append(map)
      input = Rows(map)
    }
    values = arena.rows(frames, network.sizes.embedding)
    network.embedding.forward(Self.joined(maps[2], network), into: values)
    relu(values)
    (self.columns, self.maps) = (columns, maps)
  }

  /// The last convolution's cells in one row a frame.
  private static func joined(_ map: MutableRows, _ network: ShotNetwork) -> Rows {
    Rows(map.reshaped(rows: map.count / network.embedding.inputs, columns: network.embedding.inputs))
  }

  /// Adds to the gradients of the convolutions.
  /// - Parameter valueGradient: [frames, embedding], gradient of `values`; overwritten
  package func backward(
    _ network: ShotNetwork, _ valueGradient: MutableRows, gradient: inout ShotNetwork, arena: Arena
  ) {
    reluBackward(Rows(values), valueGradient)
    let joined = arena.rows(frames, network.embedding.inputs)
    network.embedding.backward(
      Self.joined(maps[2], network), Rows(valueGradient), into: joined, gradient: &gradient.embedding)
    var dy = joined.reshaped(rows: maps[2].rows, columns: maps[2].columns)
    let layers: [(Convolution, WritableKeyPath<ShotNetwork, Convolution>)] = [
      (network.first, \.first), (network.second, \.second), (network.third, \.third),
    ]
    for layer in (0..<3).reversed() {
      let (convolution, path) = layers[layer]
      reluBackward(Rows(maps[layer]), dy)
      guard layer > 0 else {
        convolution.backward(Rows(columns[layer]), Rows(dy), gradient: &gradient[keyPath: path])
        continue
      }
      let dx = arena.rows(maps[layer - 1].rows, maps[layer - 1].columns)
      convolution.backward(
        Rows(columns[layer]), Rows(dy), ShotNetwork.windows[layer], into: dx,
        scratch: arena.rows(columns[layer].rows, columns[layer].columns), gradient: &gradient[keyPath: path])
      dy = dx
    }
  }
}
