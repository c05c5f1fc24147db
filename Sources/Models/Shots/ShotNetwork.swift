import Networks
import Scenes
import Tensors

/// Finds where one shot goes over into the next: a small convolutional network over each frame and its difference from the
/// one before, beside figures that compare it with those before (`FrameComparison`); a long short-term memory over time in
/// both directions; for each frame the probabilities of no transition and of each kind.
///
/// After TransNetV2 (Souček and Lokoč 2020), with a recurrence in place of its convolutions over time.
package struct ShotNetwork: Learned {
  /// Sizes, all configuration.
  package struct Sizes: Codable, Equatable, Sendable {
    /// Channels after each of the three convolutions.
    package var channels: [Int]
    /// Values that the convolutions leave of a frame.
    package var embedding: Int
    /// Units of the memory, in each direction.
    package var hidden: Int

    package init(channels: [Int] = [16, 32, 64], embedding: Int = 64, hidden: Int = 64) {
      (self.channels, self.embedding, self.hidden) = (channels, embedding, hidden)
    }

    /// Values of a frame that the memory sees.
    package var inputs: Int { embedding + FrameComparison.count }
  }

  package let sizes: Sizes
  /// The frame's colors, and their differences from the frame before.
  package static let inputChannels = 6
  package var first: Convolution
  package var second: Convolution
  package var third: Convolution
  /// From the last convolution's cells: [embedding, cells * channels], followed by ReLU
  package var embedding: Linear
  package var memory: BidirectionalLayer<Tensor>
  /// [classes, 2 * hidden]
  package var output: Linear

  /// Random weights to start training from; zeros without a generator.
  package init(_ sizes: Sizes, using random: inout RandomGenerator?) {
    precondition(sizes.channels.count == 3)
    self.sizes = sizes
    first = Convolution(channels: Self.inputChannels, outputs: sizes.channels[0], parts: 9, using: &random)
    second = Convolution(channels: sizes.channels[0], outputs: sizes.channels[1], parts: 9, using: &random)
    third = Convolution(channels: sizes.channels[1], outputs: sizes.channels[2], parts: 9, using: &random)
    embedding = Linear(inputs: Self.cells * sizes.channels[2], outputs: sizes.embedding, using: &random)
    memory = BidirectionalLayer(.lstm, inputs: sizes.inputs, width: sizes.hidden, using: &random)
    output = Linear(inputs: 2 * sizes.hidden, outputs: TransitionDecoder.classes, using: &random)
  }

  /// Weights read from a file, under the prefix `shots`.
  package init(_ sizes: Sizes, from file: SafetensorsFile) throws(SafetensorsError) {
    precondition(sizes.channels.count == 3)
    let source = WeightSource(file, "shots")
    func convolution(_ name: String, _ outputs: Int, _ channels: Int) throws(SafetensorsError) -> Convolution
    {
      Convolution(kernel: try source.linear(name, outputs, 9 * channels))
    }
    self.sizes = sizes
    first = try convolution("first", sizes.channels[0], Self.inputChannels)
    second = try convolution("second", sizes.channels[1], sizes.channels[0])
    third = try convolution("third", sizes.channels[2], sizes.channels[1])
    embedding = try source.linear("embedding", sizes.embedding, Self.cells * sizes.channels[2])
    memory = try source.bidirectional(nil, .lstm, inputs: sizes.inputs, width: sizes.hidden)
    output = try source.linear("output", TransitionDecoder.classes, 2 * sizes.hidden)
  }

  package var parameters: [Parameter<ShotNetwork>] {
    first.parameters(of: "first", at: \.first) + second.parameters(of: "second", at: \.second)
      + third.parameters(of: "third", at: \.third)
      + embedding.parameters(of: "embedding", at: \.embedding)
      + memory.parameters(of: nil, at: \.memory)
      + output.parameters(of: "output", at: \.output)
  }

  /// Of the three convolutions: 3 × 3, a stride of two, a border of one.
  static let windows: [SlidingWindow] = (0..<3).reduce(into: []) { windows, _ in
    let extent = windows.last?.reduced ?? [Thumbnail.height, Thumbnail.width]
    windows.append(SlidingWindow(extent: extent, kernel: [3, 3], stride: [2, 2], before: [1, 1]))
  }

  private static var cells: Int { windows[2].count }

  /// Values that `fill` makes of a frame.
  package static let imageValues = Thumbnail.pixels * inputChannels

  /// A frame as the first convolution sees it: [height, width, colors and differences], within ±1.
  package static func fill(
    _ frame: Thumbnail, after before: Thumbnail, into image: UnsafeMutablePointer<Float>
  ) {
    frame.values.withUnsafeBufferPointer { now in
      before.values.withUnsafeBufferPointer { then in
        for pixel in 0..<Thumbnail.pixels {
          for color in 0..<3 {
            let (a, b) = (Float(now[3 * pixel + color]), Float(then[3 * pixel + color]))
            image[6 * pixel + color] = a / 127.5 - 1
            image[6 * pixel + 3 + color] = (a - b) / 127.5
          }
        }
      }
    }
  }
}
