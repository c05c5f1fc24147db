import Tensors

/// Four branches side by side over clips (Szegedy et al. 2015, inflated by Carreira and Zisserman 2017): 1 × 1 × 1; 1 × 1 × 1
/// and then 3 × 3 × 3, twice; 3 × 3 × 3 max pooling and then 1 × 1 × 1. ReLU after each; batch norm is folded in.
package struct InceptionModule: Parameterized {
  package var branch0: Linear
  package var branch1Reduce: Linear
  package var branch1: Convolution
  package var branch2Reduce: Linear
  package var branch2: Convolution
  package var branch3: Linear

  /// - Parameter widths: outputs of branch 0, of branch 1's reduction and branch 1, of branch 2's and branch 2, of branch 3
  package init(channels: Int, widths: [Int], using random: inout RandomGenerator?) {
    precondition(widths.count == 6)
    branch0 = Linear(inputs: channels, outputs: widths[0], using: &random)
    branch1Reduce = Linear(inputs: channels, outputs: widths[1], using: &random)
    branch1 = Convolution(channels: widths[1], outputs: widths[2], parts: 27, using: &random)
    branch2Reduce = Linear(inputs: channels, outputs: widths[3], using: &random)
    branch2 = Convolution(channels: widths[3], outputs: widths[4], parts: 27, using: &random)
    branch3 = Linear(inputs: channels, outputs: widths[5], using: &random)
  }

  package static var parameters: [Parameter<InceptionModule>] {
    Linear.parameters(of: "branch0", at: \.branch0)
      + Linear.parameters(of: "branch1.reduce", at: \.branch1Reduce)
      + Convolution.parameters(of: "branch1", at: \.branch1)
      + Linear.parameters(of: "branch2.reduce", at: \.branch2Reduce)
      + Convolution.parameters(of: "branch2", at: \.branch2)
      + Linear.parameters(of: "branch3", at: \.branch3)
  }

  package var channels: Int { branch0.inputs }
  package var outputs: Int { branch0.outputs + branch1.outputs + branch2.outputs + branch3.outputs }
}

/// One pass of clips through a module, with what its backward pass needs.
package struct InceptionPass {
  private let module: InceptionModule
  private let clips: Int
  private let window: SlidingWindow
  private let arena: Arena
  private let x: UnsafePointer<Float>
  /// [rows, width] each, after ReLU
  private let reduced: [UnsafeMutablePointer<Float>]
  private let columns: [UnsafeMutablePointer<Float>]
  private let pooled: UnsafeMutablePointer<Float>
  private let winners: UnsafeMutablePointer<Int32>
  private let branches: [UnsafeMutablePointer<Float>]
  /// [clips, positions, outputs]
  package let y: UnsafeMutablePointer<Float>

  private var rows: Int { clips * window.positions }
  private var widths: [Int] {
    [module.branch0.outputs, module.branch1.outputs, module.branch2.outputs, module.branch3.outputs]
  }

  /// - Parameters:
  ///   - x: [clips, frames * height * width, channels]
  ///   - extent: [frames, height, width]
  package init(
    _ module: InceptionModule, _ x: UnsafePointer<Float>, clips: Int, extent: [Int], arena: Arena
  ) {
    (self.module, self.x, self.clips, self.arena) = (module, x, clips, arena)
    window = SlidingWindow(same: extent, kernel: [3, 3, 3], stride: [1, 1, 1])
    let (window, rows) = (window, clips * window.positions)
    func pointwise(_ layer: Linear, _ x: UnsafePointer<Float>) -> UnsafeMutablePointer<Float> {
      let y = arena.floats(rows * layer.outputs)
      layer.forward(x, rows: rows, into: y)
      relu(y, count: rows * layer.outputs)
      return y
    }
    func convolved(_ layer: Convolution, _ x: UnsafePointer<Float>)
      -> (y: UnsafeMutablePointer<Float>, columns: UnsafeMutablePointer<Float>)
    {
      let y = arena.floats(rows * layer.outputs)
      let columns = arena.floats(rows * layer.kernel.inputs)
      layer.forward(x, images: clips, window, columns: columns, into: y)
      relu(y, count: rows * layer.outputs)
      return (y, columns)
    }
    reduced = [pointwise(module.branch1Reduce, x), pointwise(module.branch2Reduce, x)]
    let first = convolved(module.branch1, reduced[0])
    let second = convolved(module.branch2, reduced[1])
    columns = [first.columns, second.columns]
    pooled = arena.floats(rows * module.channels)
    winners = arena.integers(rows * module.channels)
    MaxPooling.forward(
      x, images: clips, channels: module.channels, window, into: pooled, winners: winners)
    branches = [pointwise(module.branch0, x), first.y, second.y, pointwise(module.branch3, pooled)]
    y = arena.floats(rows * module.outputs)
    var offset = 0
    for (branch, width) in zip(branches, widths) {
      for row in 0..<rows {
        (y + row * module.outputs + offset).update(from: branch + row * width, count: width)
      }
      offset += width
    }
  }

  /// Adds to the module's gradients.
  /// - Parameters:
  ///   - dy: [clips, positions, outputs]
  ///   - dx: [clips, positions, channels], overwritten; nil if the input needs none
  package func backward(
    _ dy: UnsafePointer<Float>, into dx: UnsafeMutablePointer<Float>?, gradient: inout InceptionModule
  ) {
    var (slopes, offset) = ([UnsafeMutablePointer<Float>](), 0)
    for (branch, width) in zip(branches, widths) {
      let slope = arena.floats(rows * width)
      for row in 0..<rows {
        (slope + row * width).update(from: dy + row * module.outputs + offset, count: width)
      }
      reluBackward(branch, slope, count: rows * width)
      slopes.append(slope)
      offset += width
    }
    module.branch0.backward(x, slopes[0], rows: rows, into: dx, gradient: &gradient.branch0)
    let layers:
      [(
        reduce: WritableKeyPath<InceptionModule, Linear>, layer: WritableKeyPath<InceptionModule, Convolution>
      )] = [
        (\.branch1Reduce, \.branch1), (\.branch2Reduce, \.branch2),
      ]
    for (index, (reduce, layer)) in layers.enumerated() {
      let count = rows * module[keyPath: reduce].outputs
      let slope = arena.floats(count)
      module[keyPath: layer].backward(
        columns[index], slopes[index + 1], images: clips, window, into: slope,
        scratch: arena.floats(rows * module[keyPath: layer].kernel.inputs),
        gradient: &gradient[keyPath: layer])
      reluBackward(reduced[index], slope, count: count)
      module[keyPath: reduce].backward(
        x, slope, rows: rows, into: dx, adding: true, gradient: &gradient[keyPath: reduce])
    }
    let slope = dx == nil ? nil : arena.floats(rows * module.channels)
    module.branch3.backward(pooled, slopes[3], rows: rows, into: slope, gradient: &gradient.branch3)
    if let dx, let slope {
      MaxPooling.backward(
        slope, winners: winners, images: clips, channels: module.channels, window, into: dx)
    }
  }
}
