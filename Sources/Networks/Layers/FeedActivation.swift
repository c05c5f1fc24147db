import CKernels
import Compute
import Tensors

/// What stands between the two layers of a Transformer's feed-forward part.
package enum FeedActivation: String, Codable, Sendable {
  /// Gaussian error linear units (Hendrycks and Gimpel 2016): x Φ(x).
  case gelu
  /// x σ(1.702 x), which stands for it in the networks of CLIP.
  case quickGELU = "quick_gelu"

  /// In place, by the calling thread's team.
  package func apply(to x: MutableRows) {
    precondition(x.isDense)
    nonisolated(unsafe) let x = x
    share(rows: x.rows, atOnce: 16) { range in
      let part = x[range]
      switch self {
      case .gelu: narrate_gelu(part.base, part.count)
      case .quickGELU: narrate_quick_gelu(part.base, part.count)
      }
    }
  }
}
