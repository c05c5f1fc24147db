import Tensors

/// A convolution over images with a border of zeros, as a product with unfolded windows (Chellapilla et al. 2006).
package struct Convolution: Learned {
  /// [outputs, parts * channels]: of each position in the window from its top left, the channels
  package var kernel: Linear

  /// Uniform, scaled for ReLU (He et al. 2015); the bias zero.
  /// - Parameter parts: positions of the window
  package init(channels: Int, outputs: Int, parts: Int, using random: inout RandomGenerator?) {
    let bound = (6 / Float(parts * channels)).squareRoot()
    kernel = Linear(
      weight: Tensor(shape: [outputs, parts * channels], uniform: bound, using: &random),
      bias: Tensor(shape: [outputs]))
  }

  /// - Parameter kernel: [outputs, parts * channels]
  package init(kernel: Linear) { self.kernel = kernel }

  package var parameters: [Parameter<Convolution>] { kernel.parameters(of: nil, at: \.kernel) }

  package var outputs: Int { kernel.outputs }

  /// - Parameters:
  ///   - x: [images * positions, channels]
  ///   - columns: [images * windows, parts * channels], overwritten: what `backward` needs
  ///   - y: [images * windows, outputs], overwritten
  package func forward(_ x: Rows, _ window: SlidingWindow, columns: MutableRows, into y: MutableRows) {
    let images = images(window, positions: x.rows, channels: x.columns, windows: columns.rows)
    precondition(x.isDense && columns.isDense && columns.columns == kernel.inputs)
    let channels = x.columns
    for image in 0..<images {
      let source = x[image * window.positions]
      let target = columns[image * window.count]
      window.eachPart { part, position in
        let cell = target + part * channels
        if let position {
          cell.update(from: source + position * channels, count: channels)
        } else {
          cell.update(repeating: 0, count: channels)
        }
      }
    }
    kernel.forward(Rows(columns), into: y)
  }

  /// Adds to the gradients of the kernel.
  /// - Parameters:
  ///   - columns: what `forward` left
  ///   - dy: gradient of y
  package func backward(_ columns: Rows, _ dy: Rows, gradient: inout Convolution) {
    kernel.backward(columns, dy, into: nil, gradient: &gradient.kernel)
  }

  /// Adds to the gradients of the kernel, and sets that of the input.
  /// - Parameters:
  ///   - columns: what `forward` left
  ///   - dy: gradient of y
  ///   - dx: [images * positions, channels], overwritten
  ///   - scratch: as large as `columns`
  package func backward(
    _ columns: Rows, _ dy: Rows, _ window: SlidingWindow, into dx: MutableRows, scratch: MutableRows,
    gradient: inout Convolution
  ) {
    let images = images(window, positions: dx.rows, channels: dx.columns, windows: columns.rows)
    precondition(dx.isDense && scratch.isDense)
    let channels = dx.columns
    kernel.backward(columns, dy, into: scratch, gradient: &gradient.kernel)
    dx.fill(0)
    for image in 0..<images {
      let target = dx[image * window.positions]
      let source = scratch[image * window.count]
      window.eachPart { part, position in
        guard let position else { return }
        add(source + part * channels, to: target + position * channels, count: channels)
      }
    }
  }

  /// How many images there are.
  private func images(_ window: SlidingWindow, positions: Int, channels: Int, windows: Int) -> Int {
    let images = positions / window.positions
    precondition(kernel.inputs == window.parts * channels)
    precondition(positions == images * window.positions && windows == images * window.count)
    return images
  }
}
