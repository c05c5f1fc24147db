/// Finds transitions as frames come.
package protocol TransitionFinder: AnyObject {
  /// Takes the next frame.
  func append(_ frame: Thumbnail)
  /// Ends the video.
  func finish()
  /// What was found so far, in order.
  var transitions: [Transition] { get }
  /// Frames of which it is known whether a transition begins there.
  var settled: Int { get }
}
