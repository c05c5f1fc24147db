import Media
import Models

/// Where the windows of a video stand that are further apart than they are long.
package struct WindowPlan: Equatable {
  /// Seconds before the first one.
  package private(set) var offset = 0.0
  /// Seconds from one to the next.
  package private(set) var stride: Double

  /// The first begins with the video and the last ends with it, if its length is known; one alone stands in its middle.
  /// - Parameters:
  ///   - stride: about as many seconds as this lie between two.
  ///   - length: of the video, in seconds
  package init(window: Double, stride: Double, length: Double?) {
    self.stride = stride
    // Overlapping windows need no plan. A length is a container's word: beyond a year it means nothing.
    guard stride > window, let length, length > window, length < 3e7 else { return }
    // A frame less: the last window must be complete before the video ends.
    let room = max(0, length - window - 0.05)
    let count = Int(bounded: (room / stride).rounded()) + 1
    if count == 1 { offset = room / 2 } else { self.stride = room / Double(count - 1) }
  }
}
