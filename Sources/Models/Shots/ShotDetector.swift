import Compute
import DequeModule
import Glibc
import Networks
import Scenes
import Tensors

/// Finds the transitions of a video with a `ShotNetwork`, frame by frame, in bounded memory: the memory over time runs over
/// windows that overlap, and the middle of each counts.
package final class ShotDetector: TransitionFinder {
  /// Frames of a window.
  package static let window = 96
  /// Frames at either end of a window that the next ones tell.
  static let margin = 24
  private static let embeddedAtOnce = 24

  private let network: ShotNetwork
  private var decoder: TransitionDecoder
  private var comparison = FrameComparison()
  private let arena = Arena()
  private var before: Thumbnail?
  /// Frames that are not embedded yet.
  private var images: [Float] = []
  private var comparisons: [Float] = []
  /// Frames whose probabilities are not known.
  private var waiting: Deque<Thumbnail> = []
  /// [frames from `start` on, network inputs]
  private var inputs: [Float] = []
  private var start = 0
  /// Frames whose probabilities are known.
  private var known = 0

  package init(_ network: ShotNetwork, threshold: Float) {
    self.network = network
    decoder = TransitionDecoder(threshold: threshold)
  }

  package var transitions: [Transition] { decoder.transitions }
  package var settled: Int { decoder.settled }

  package func append(_ frame: Thumbnail) {
    let count = images.count
    images.append(contentsOf: repeatElement(0, count: ShotNetwork.imageValues))
    images.withUnsafeMutableBufferPointer { buffer in
      guard let base = buffer.baseAddress else { return }
      ShotNetwork.fill(frame, after: before ?? frame, into: base + count)
    }
    comparisons += comparison.append(frame)
    before = frame
    waiting.append(frame)
    if images.count == Self.embeddedAtOnce * ShotNetwork.imageValues { embed() }
  }

  package func finish() { ThreadTeam.single.run(finishAlone) }

  private func finishAlone() {
    embedAlone()
    let frames = inputs.count / network.sizes.inputs
    if frames > 0, start + frames > known { tell(count: frames, upTo: frames) }
    decoder.finish()
  }

  /// Embeds what waits, and tells what has enough frames after it. One thread: the same result for any number, it is small, and
  /// the others decode.
  private func embed() { ThreadTeam.single.run(embedAlone) }

  private func embedAlone() {
    let width = network.sizes.inputs
    let count = images.count / ShotNetwork.imageValues
    guard count > 0 else { return }
    arena.reset()
    let embedding = images.withUnsafeRows(count) { ShotEmbedding(network, images: $0, arena: arena) }
    for frame in 0..<count {
      inputs += UnsafeBufferPointer(start: embedding.values[frame], count: network.sizes.embedding)
      inputs += comparisons[frame * FrameComparison.count..<(frame + 1) * FrameComparison.count]
    }
    images.removeAll(keepingCapacity: true)
    comparisons.removeAll(keepingCapacity: true)
    while inputs.count >= Self.window * width {
      tell(count: Self.window, upTo: Self.window - Self.margin)
      let used = Self.window - 2 * Self.margin
      inputs.removeFirst(used * width)
      start += used
    }
  }

  /// Runs over the first `count` frames that are kept, and counts those before `end`.
  private func tell(count: Int, upTo end: Int) {
    let classes = TransitionDecoder.classes
    arena.reset()
    let logits = inputs.withUnsafeRows(inputs.count / network.sizes.inputs) {
      ShotPass(network, inputs: $0[0..<count], stretches: 1, arena: arena).logits
    }
    logSoftmax(logits)
    for frame in known - start..<end {
      let row = (0..<classes).map { exp(logits[frame][$0]) }
      row.withUnsafeBufferPointer { decoder.append($0, waiting[start + frame - known]) }
    }
    waiting.removeFirst(start + end - known)
    known = start + end
  }
}
