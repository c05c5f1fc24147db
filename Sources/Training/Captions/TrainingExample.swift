import Models
import Narration

/// A training example of a batch: a picture or clip, and the captions to learn from it.
struct TrainingExample: Sendable {
  /// Where its features come from.
  enum Frames: Sendable {
    /// Records of a store, in order of time; one for a picture.
    case stored(FeatureStore, records: Range<Int>)
    /// Encoded anew each time.
    case pictures(AugmentedFrames)

    var count: Int {
      switch self {
      case .stored(_, let records): records.count
      case .pictures(let frames): frames.count
      }
    }
  }

  let frames: Frames
  /// The data set that it is from: whose way of writing the captions are in.
  let style: Int
  /// Among the data set's training examples.
  var index = 0
  var isMirrored = false
  /// Word indices, markers of beginning and end included.
  let captions: [[Int32]]
}
