import CDNNL
import CKernels
import Dispatch
import Synchronization
import Tensors

/// A convolution of 3 × 3, or of any odd number of frames × 3 × 3, stride 1, by Winograd's algorithm over rows and columns
/// (Lavin and Gray 2016, "Fast algorithms for convolutional neural networks", F(4 × 4, 3 × 3)): four times fewer
/// multiplications than by the definition.
///
/// The result does not depend on the number of threads: each sum is made in one order, wherever it is made.
final class WinogradConvolution: Operation {
  var arguments: [(name: Int32, value: Int)] = []
  private let sourceMemory: Memory
  private let destinationMemory: Memory
  private let work: WinogradWork
  private let workers: Int
  private var place = WinogradWork.Place()
  /// The next part that nobody has begun.
  private let next = Atomic(0)

  /// Whether it is faster than a direct convolution, of stride 1: there must be tiles enough to make up for reading
  /// weights that are four times as large.
  static func suits(weight shape: [Int], extent: [Int]) -> Bool {
    let kernel = shape[2...]
    return kernel.suffix(2) == [3, 3] && kernel.dropLast(2).allSatisfy { $0 % 2 == 1 }
      && WinogradWork.suits(outputs: shape[0], inputs: shape[1], extent: extent)
  }

  /// Transforms the weights. The layout of the source is kept if that is possible.
  /// - Parameters:
  ///   - weight: [outputs, inputs, taps, 3, 3], or [outputs, inputs, 3, 3]
  ///   - bias: [outputs]
  ///   - extent: [frames, height, width] or [height, width]
  init(
    weight: Tensor, bias: Tensor, activation: Activation, extent: [Int], source layout: narrate_md,
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
    workers = threadCount
    work = WinogradWork(
      weight: weight, bias: bias, activation: activation, extent: extent, source: before, destination: after,
      workers: workers)
  }

  /// The layout that the source must stand in, valid as long as the operation.
  var source: narrate_md { sourceMemory.layout }
  var destination: narrate_md { destinationMemory.layout }
  var scratchByteCount: Int { min(workers, work.parts) * work.scratchByteCount }
  var implementation: String { "winograd" }

  func bind(
    _ name: Int32, layout: narrate_md, at address: UnsafeMutableRawPointer, _ engine: Engine
  ) throws(ComputeError) {
    let floats = address.assumingMemoryBound(to: Float.self)
    switch name {
    case DNNL_ARG_SRC: place.source = UnsafePointer(floats)
    case DNNL_ARG_DST: place.destination = floats
    default: preconditionFailure("no argument \(name)")
    }
  }

  func bindScratch(at address: UnsafeMutableRawPointer, _ engine: Engine) throws(ComputeError) {
    place.scratch = address
  }

  func run(_ engine: Engine) {
    let workers = min(threadCount, workers, work.parts)
    if workers == 1 {
      for part in 0..<work.parts { work.run(part, place, worker: 0) }
      return
    }
    next.store(0, ordering: .relaxed)
    // Whoever is done takes the next part: the cores may not be equally free.
    let (task, place) = (Task(operation: self), place)
    DispatchQueue.concurrentPerform(iterations: workers) { worker in
      while true {
        let part = task.operation.next.add(1, ordering: .relaxed).oldValue
        guard part < task.operation.work.parts else { return }
        task.operation.work.run(part, place, worker: worker)
      }
    }
  }

  /// `@unchecked Sendable`: the workers only read the operation, and each writes places of its own.
  private struct Task: @unchecked Sendable {
    let operation: WinogradConvolution
  }
}
