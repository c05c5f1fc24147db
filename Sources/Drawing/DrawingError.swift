/// Why something cannot be drawn.
package enum DrawingError: Error, Equatable, Sendable {
  /// Cairo, Pango or a font is not installed; the reason names Debian's package.
  case unavailable(reason: String)
  /// More pixels than Cairo draws, or than memory holds.
  case tooLarge(width: Int, height: Int)
  /// What Cairo, or who writes the picture, said when it was asked to do this.
  case failed(operation: String, reason: String)
}

extension DrawingError: CustomStringConvertible {
  /// One line.
  package var description: String {
    switch self {
    case .unavailable(let reason): "nothing can be drawn: \(reason)"
    case .tooLarge(let width, let height): "a picture of \(width) x \(height) is too large to be drawn"
    case .failed(let operation, let reason): "\(operation): \(reason)"
    }
  }
}
