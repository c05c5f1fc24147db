import Networks
import Tensors

/// I3D, Inception-v1 inflated to three axes (Carreira and Zisserman 2017, "Quo vadis, action recognition?", RGB stream), up to its
/// last module: a clip of RGB frames in, 1,024 channels for every eighth frame and 1/32 of the picture's side out.
package enum I3D {
  /// A convolution, batch norm folded in, ReLU after it.
  package struct Unit: Equatable, Sendable {
    /// The tensors' name without `weight` or `bias`, such as `mixed3b.branch1.reduce`.
    package let name: String
    package let inputs: Int
    package let outputs: Int
    /// Size along each axis.
    package let kernel: Int
    package let stride: Int

    /// [outputs, inputs, frames, rows, columns]
    package var weightShape: [Int] { [outputs, inputs, kernel, kernel, kernel] }
  }

  /// What the network is a sequence of.
  package enum Stage: Equatable, Sendable {
    case unit(Unit)
    /// Max pooling: size and stride along [frames, rows, columns].
    case pool(kernel: [Int], stride: [Int])
    /// Branches side by side: 1 × 1 × 1; 1 × 1 × 1 and then 3 × 3 × 3, twice; max pooling and then 1 × 1 × 1.
    case module(branches: [[Unit]])
  }

  /// As configurations name it.
  package static let architecture = "i3d"
  /// Channels of the result.
  package static let channels = 1024
  /// Side of the square picture, in pixels; and of the picture's shorter side that it is cut out of.
  package static let (inputSize, shorterSide) = (224, 256)
  /// Frames of a window, and how many a second.
  package static let (frames, framesPerSecond) = (64, 25.0)
  /// Frames that one step of the result stands for.
  package static let framesPerStep = 8
  /// Steps of a window's result.
  package static let steps = frames / framesPerStep
  /// Seconds of a window.
  package static let windowSeconds = Double(frames) / framesPerSecond
  /// Seconds between the beginnings of two windows of a long video, if nothing else is wished.
  package static let strideSeconds = 8.0
  package static let preprocessing = Preprocessing(
    resize: .crop, mean: 127.5, scale: 127.5)
  /// How much each step counts before the network's own classifier, which averages two neighbors (a pooling of 2 steps,
  /// stride 1) and then all: the outer steps are in one pair each, the others in two.
  private static let stepWeights: [Float] = (0..<steps).map { step in
    Float(step == 0 || step == steps - 1 ? 1 : 2) / Float(2 * (steps - 1))
  }

  /// Scores of the network's own classes.
  /// - Parameters:
  ///   - classifier: from the channels to the classes
  ///   - features: [steps, channels]
  package static func logits(_ classifier: Linear, _ features: Rows) -> [Float] {
    precondition((features.rows, features.columns) == (steps, channels))
    var mean = [Float](repeating: 0, count: channels)
    for (step, weight) in stepWeights.enumerated() {
      for channel in 0..<channels { mean[channel] += weight * features[step][channel] }
    }
    return classifier.forward(mean)
  }

  package static let stages: [Stage] = {
    var stages: [Stage] = [
      .unit(Unit(name: "conv1a", inputs: 3, outputs: 64, kernel: 7, stride: 2)),
      .pool(kernel: [1, 3, 3], stride: [1, 2, 2]),
      .unit(Unit(name: "conv2b", inputs: 64, outputs: 64, kernel: 1, stride: 1)),
      .unit(Unit(name: "conv2c", inputs: 64, outputs: 192, kernel: 3, stride: 1)),
      .pool(kernel: [1, 3, 3], stride: [1, 2, 2]),
    ]
    var inputs = 192
    func module(_ name: String, _ sizes: [Int]) -> Stage {
      func unit(_ branch: String, _ inputs: Int, _ outputs: Int, kernel: Int = 1) -> Unit {
        Unit(name: "mixed\(name).\(branch)", inputs: inputs, outputs: outputs, kernel: kernel, stride: 1)
      }
      defer { inputs = sizes[0] + sizes[2] + sizes[4] + sizes[5] }
      return .module(branches: [
        [unit("branch0", inputs, sizes[0])],
        [unit("branch1.reduce", inputs, sizes[1]), unit("branch1", sizes[1], sizes[2], kernel: 3)],
        [unit("branch2.reduce", inputs, sizes[3]), unit("branch2", sizes[3], sizes[4], kernel: 3)],
        [unit("branch3", inputs, sizes[5])],
      ])
    }
    stages.append(module("3b", [64, 96, 128, 16, 32, 32]))
    stages.append(module("3c", [128, 128, 192, 32, 96, 64]))
    stages.append(.pool(kernel: [3, 3, 3], stride: [2, 2, 2]))
    stages.append(module("4b", [192, 96, 208, 16, 48, 64]))
    stages.append(module("4c", [160, 112, 224, 24, 64, 64]))
    stages.append(module("4d", [128, 128, 256, 24, 64, 64]))
    stages.append(module("4e", [112, 144, 288, 32, 64, 64]))
    stages.append(module("4f", [256, 160, 320, 32, 128, 128]))
    stages.append(.pool(kernel: [2, 2, 2], stride: [2, 2, 2]))
    stages.append(module("5b", [256, 160, 320, 32, 128, 128]))
    stages.append(module("5c", [384, 192, 384, 48, 128, 128]))
    return stages
  }()
}
