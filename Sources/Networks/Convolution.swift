import Tensors

/// A 3 × 3 convolution with stride 2 and a border of zeros, as a product with unfolded images (Chellapilla et al. 2006).
/// Images are [height, width, channels], row-major.
package struct Convolution: Parameterized {
  /// [outputs, 9 * channels]: of each place in the window from the top left, the channels
  package var kernel: Linear

  /// Uniform, scaled for ReLU (He et al. 2015); the bias zero.
  package init(channels: Int, outputs: Int, using random: inout RandomGenerator?) {
    let bound = (6 / Float(9 * channels)).squareRoot()
    kernel = Linear(
      weight: Tensor(shape: [outputs, 9 * channels], uniform: bound, using: &random),
      bias: Tensor(shape: [outputs]))
  }

  package static var parameters: [Parameter<Convolution>] { Linear.parameters(of: nil, at: \.kernel) }

  package var channels: Int { kernel.inputs / 9 }
  package var outputs: Int { kernel.outputs }

  /// Rows or columns that are left of `length`.
  package static func reduced(_ length: Int) -> Int { (length + 1) / 2 }

  /// - Parameters:
  ///   - x: [images, height, width, channels]
  ///   - columns: [images * reduced height * reduced width, 9 * channels], overwritten: what `backward` needs
  ///   - y: [images, reduced height, reduced width, outputs], overwritten
  package func forward(
    _ x: UnsafePointer<Float>, images: Int, height: Int, width: Int, columns: UnsafeMutablePointer<Float>,
    into y: UnsafeMutablePointer<Float>
  ) {
    let (rows, row) = (Self.reduced(height) * Self.reduced(width), 9 * channels)
    for image in 0..<images {
      let (source, target) = (x + image * height * width * channels, columns + image * rows * row)
      eachPart(height, width) { part, pixel in
        let place = target + part * channels
        if let pixel {
          place.update(from: source + pixel * channels, count: channels)
        } else {
          place.update(repeating: 0, count: channels)
        }
      }
    }
    kernel.forward(columns, rows: images * rows, into: y)
  }

  /// - Parameters:
  ///   - columns: what `forward` left
  ///   - dy: gradient of y
  ///   - dx: [images, height, width, channels], overwritten; nil if the input needs none
  ///   - scratch: as large as `columns`, where there is `dx`
  package func backward(
    _ columns: UnsafePointer<Float>, _ dy: UnsafePointer<Float>, images: Int, height: Int, width: Int,
    into dx: UnsafeMutablePointer<Float>?, scratch: UnsafeMutablePointer<Float>?,
    gradient: inout Convolution
  ) {
    let (rows, row) = (Self.reduced(height) * Self.reduced(width), 9 * channels)
    kernel.backward(columns, dy, rows: images * rows, into: scratch, gradient: &gradient.kernel)
    guard let dx, let scratch else { return }
    dx.update(repeating: 0, count: images * height * width * channels)
    for image in 0..<images {
      let (target, source) = (dx + image * height * width * channels, scratch + image * rows * row)
      eachPart(height, width) { part, pixel in
        if let pixel {
          let (to, from) = (target + pixel * channels, source + part * channels)
          for channel in 0..<channels { to[channel] += from[channel] }
        }
      }
    }
  }

  /// Every place of every window: its number among the parts of all windows, and its pixel; nil beyond the border.
  @inline(__always)
  private func eachPart(_ height: Int, _ width: Int, _ body: (_ part: Int, _ pixel: Int?) -> Void) {
    var part = 0
    for top in stride(from: -1, to: height - 1, by: 2) {
      for left in stride(from: -1, to: width - 1, by: 2) {
        for y in top..<top + 3 {
          for x in left..<left + 3 {
            body(part, y >= 0 && y < height && x >= 0 && x < width ? y * width + x : nil)
            part += 1
          }
        }
      }
    }
  }
}
