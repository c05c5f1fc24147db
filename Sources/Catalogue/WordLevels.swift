import Foundation

/// How probable it is that people say a word of a picture, in a byte: its logit in eighths, rounded, from -20 on. 0 is not known.
/// Finer steps find no more.
package enum WordLevels {
  private static let step: Float = 0.125
  private static let origin: Float = -20

  package static func level(_ logit: Float) -> UInt8 {
    guard logit == logit else { return 0 }
    return UInt8(min(max(((logit - origin) / step).rounded() + 1, 1), 255))
  }

  /// log p of each level; of level 0, of which nothing is known, as of a word that is hardly ever said.
  package static let logProbabilities: [Float] = (0...255).map { level in
    guard level > 0 else { return unknown }
    let logit = origin + step * Float(level - 1)
    return -log1p(exp(-logit))
  }

  /// Of a word that a picture does not have, where no detector knows it.
  package static let unknown: Float = -7
}
