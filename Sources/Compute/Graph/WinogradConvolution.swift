import CDNNL
import CKernels
import Synchronization
import Tensors

/// A convolution of 3 × 3, or of any odd number of frames × 3 × 3, stride 1, by Winograd's algorithm over rows and columns
/// (Lavin and Gray 2016, "Fast algorithms for convolutional neural networks", F(4 × 4, 3 × 3)): four times fewer
/// multiplications than by the definition.
///
/// The result does not depend on the number of threads: each sum is made in one order, wherever it is made.
///
/// `@unchecked Sendable`: it changes only while the chain that owns it is made; `compile` runs once, on one thread.
final class WinogradConvolution: Operation, @unchecked Sendable {
  var arguments: [(name: Int32, value: Int)] = []
  private let sourceMemory: Memory
  private let destinationMemory: Memory
  private let workers: Int
  private let transform: () -> WinogradWork
  private var compiled: WinogradWork?

  /// Whether it is faster than a direct convolution, of stride 1: there must be tiles enough to make up for reading
  /// weights that are four times as large.
  static func suits(weight shape: [Int], extent: [Int]) -> Bool {
    let kernel = shape[2...]
    return kernel.suffix(2) == [3, 3] && kernel.dropLast(2).allSatisfy { $0 % 2 == 1 }
      && WinogradWork.suits(outputs: shape[0], inputs: shape[1], extent: extent)
  }

  /// The layout of the source is kept if that is possible.
  /// - Parameters:
  ///   - weight: [outputs, inputs, taps, 3, 3], or [outputs, inputs, 3, 3]
  ///   - bias: [outputs]
  ///   - extent: [frames, height, width] or [height, width]
  init(
    weight: LazyTensor, bias: LazyTensor, activation: Activation, extent: [Int], source layout: narrate_md,
    _ engine: Engine
  ) throws(ComputeError) {
    let (outputs, inputs) = (weight.shape[0], weight.shape[1])
    let kind = try BlockedLayout.Kind(of: layout, channels: inputs, extent: extent, engine) ?? .eight
    let before = BlockedLayout(kind, channels: inputs, extent: extent)
    // oneDNN wants zeros where a block goes beyond the last channel.
    let after = BlockedLayout(
      kind == .sixteen && outputs % 16 != 0 ? .eight : kind, channels: outputs, extent: extent)
    sourceMemory = try Memory(shape: [1, inputs] + extent, tag: before.tag, at: nil, engine)
    destinationMemory = try Memory(shape: [1, outputs] + extent, tag: after.tag, at: nil, engine)
    let workers = ThreadTeam.current.count
    self.workers = workers
    transform = {
      WinogradWork(
        weight: weight, bias: bias, activation: activation, extent: extent, source: before,
        destination: after, workers: workers)
    }
  }

  /// The layout that the source must stand in, valid as long as the operation.
  var source: narrate_md { sourceMemory.layout }
  var destination: narrate_md { destinationMemory.layout }
  var scratchByteCount: Int { min(workers, work.parts) * work.scratchByteCount }
  var implementation: String { "winograd" }

  func compile(_ engine: Engine) { compiled = transform() }

  private var work: WinogradWork {
    guard let compiled else { preconditionFailure("the convolution is not compiled") }
    return compiled
  }

  func bound(
    to arguments: [(name: Int32, layout: narrate_md, address: UnsafeMutableRawPointer)],
    scratch: UnsafeMutableRawPointer, _ engine: Engine
  ) -> any BoundOperation {
    func address(_ name: Int32) -> UnsafeMutablePointer<Float> {
      guard let argument = arguments.first(where: { $0.name == name }) else {
        preconditionFailure("no argument \(name)")
      }
      return argument.address.assumingMemoryBound(to: Float.self)
    }
    let buffers = WinogradWork.Buffers(
      source: UnsafePointer(address(DNNL_ARG_SRC)), destination: address(DNNL_ARG_DST), scratch: scratch)
    return BoundWinograd(work, buffers, workers: min(workers, work.parts))
  }
}

/// A convolution with one worker's memory.
private final class BoundWinograd: BoundOperation, Sendable {
  private let work: WinogradWork
  private let buffers: WinogradWork.Buffers
  private let workers: Int
  /// The next part that nobody has begun.
  private let next = Atomic(0)

  init(_ work: WinogradWork, _ buffers: WinogradWork.Buffers, workers: Int) {
    (self.work, self.buffers, self.workers) = (work, buffers, workers)
  }

  func run(_ stream: Stream) {
    next.store(0, ordering: .relaxed)
    // Whoever is done takes the next part: the cores may not be equally free.
    share(among: min(ThreadTeam.current.count, workers)) { worker, _ in
      while true {
        let part = next.add(1, ordering: .relaxed).oldValue
        guard part < work.parts else { return }
        work.run(part, buffers, worker: worker)
      }
    }
  }
}
