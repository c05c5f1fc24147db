import Media
import Networks
import Tensors

/// An encoder that turns a window of frames into features over time. One for each worker.
package protocol WindowEncoder: AnyObject {
  /// What is kept of a frame until the windows that it is in are complete.
  associatedtype Sample

  func sample(_ image: Image) -> Sample

  /// The same network, the same packed weights, for another thread.
  func copy() throws -> Self

  /// Whether nothing moves in a window and the network sees nothing without movement.
  func isStill(_ samples: [Sample]) -> Bool

  /// - Parameter features: [steps, channels], overwritten
  func encode(_ samples: [Sample], into features: MutableRows)
}

extension WindowEncoder {
  /// Encodes the frames of a window as they are decoded.
  package func encode(images: [Image], into features: MutableRows) {
    encode(images.map(sample), into: features)
  }
}

extension GridEncoder: WindowEncoder {
  /// A frame's features: the grid's mean over its positions.
  package func sample(_ image: Image) -> [Float] {
    let grid = encode(image)
    return [Float](unsafeUninitializedCapacity: EfficientNetLite.channels) { buffer, count in
      guard let base = buffer.baseAddress else { return }
      average(grid, into: base)
      count = EfficientNetLite.channels
    }
  }

  package func isStill(_ samples: [[Float]]) -> Bool { false }

  package func encode(_ samples: [[Float]], into features: MutableRows) {
    precondition(features.rows == samples.count)
    for (step, sample) in samples.enumerated() {
      sample.withUnsafeRows(1) { features[step..<step + 1].copy(from: $0) }
    }
  }
}
