import Tensors

/// A convolution over images or clips with a border of zeros, as a product with unfolded windows (Chellapilla et al. 2006).
package struct Convolution: Learned {
  /// [outputs, parts * channels]: of each place in the window from the first frame's top left, the channels
  package var kernel: Linear

  /// Uniform, scaled for ReLU (He et al. 2015); the bias zero.
  /// - Parameter parts: places of the window
  package init(channels: Int, outputs: Int, parts: Int, using random: inout RandomGenerator?) {
    let bound = (6 / Float(parts * channels)).squareRoot()
    kernel = Linear(
      weight: Tensor(shape: [outputs, parts * channels], uniform: bound, using: &random),
      bias: Tensor(shape: [outputs]))
  }

  package var parameters: [Parameter<Convolution>] { kernel.parameters(of: nil, at: \.kernel) }

  package var outputs: Int { kernel.outputs }

  /// - Parameters:
  ///   - x: [images, positions, channels]
  ///   - columns: [images * windows, parts * channels], overwritten: what `backward` needs
  ///   - y: [images, windows, outputs], overwritten
  package func forward(
    _ x: UnsafePointer<Float>, images: Int, _ window: SlidingWindow, columns: UnsafeMutablePointer<Float>,
    into y: UnsafeMutablePointer<Float>
  ) {
    let channels = channels(window)
    for image in 0..<images {
      let source = x + image * window.positions * channels
      let target = columns + image * window.count * kernel.inputs
      window.eachPart { part, position in
        let place = target + part * channels
        if let position {
          place.update(from: source + position * channels, count: channels)
        } else {
          place.update(repeating: 0, count: channels)
        }
      }
    }
    kernel.forward(columns, rows: images * window.count, into: y)
  }

  /// - Parameters:
  ///   - columns: what `forward` left
  ///   - dy: gradient of y
  ///   - dx: [images, positions, channels], overwritten; nil if the input needs none
  ///   - scratch: as large as `columns`, where there is `dx`
  package func backward(
    _ columns: UnsafePointer<Float>, _ dy: UnsafePointer<Float>, images: Int, _ window: SlidingWindow,
    into dx: UnsafeMutablePointer<Float>?, scratch: UnsafeMutablePointer<Float>?,
    gradient: inout Convolution
  ) {
    let channels = channels(window)
    kernel.backward(columns, dy, rows: images * window.count, into: scratch, gradient: &gradient.kernel)
    guard let dx, let scratch else { return }
    dx.update(repeating: 0, count: images * window.positions * channels)
    for image in 0..<images {
      let target = dx + image * window.positions * channels
      let source = scratch + image * window.count * kernel.inputs
      window.eachPart { part, position in
        guard let position else { return }
        add(source + part * channels, to: target + position * channels, count: channels)
      }
    }
  }

  private func channels(_ window: SlidingWindow) -> Int {
    precondition(kernel.inputs % window.parts == 0)
    return kernel.inputs / window.parts
  }
}
