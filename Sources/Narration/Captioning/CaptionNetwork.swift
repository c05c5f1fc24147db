import Media
import Models
import Tensors

/// The networks of a captioning model, on the thread that calls: one that sees, one that writes. Not thread-safe.
protocol CaptionNetwork: AnyObject {
  /// The numbers that they calculate in; never `auto`.
  var precision: Precision { get }
  /// Of both, for messages.
  var weightsPath: String { get }
  /// Cores that they use.
  var threads: Int { get }
  /// Side, in pixels, of the square picture that is looked at.
  var inputSize: Int { get }
  /// Pixels that both sides of a decoded picture should have.
  var decodingSide: Int { get }
  /// Rows and columns of what attention is told over.
  var grid: Grid { get }
  /// Rows of features of a frame, and their width.
  var positions: Int { get }
  var channels: Int { get }
  /// Frames of a clip that are looked at for a sentence.
  var framesPerClip: Int { get }
  /// Ways of writing that the model has learned.
  var styles: [String] { get }
  /// What seeing does for one picture.
  var encoderWork: WorkCount { get }

  /// What writing did.
  /// - Parameters:
  ///   - steps: words, the end included
  ///   - rows: sentences continued in all of them
  func decoderWork(steps: Int, rows: Int) -> WorkCount
  /// The part of a picture that is looked at.
  func seen(_ image: Image) -> Image
  /// The square that is looked at.
  func square(_ image: Image) -> Image
  /// - Returns: [positions, channels], valid until the next call
  func features(ofSquare square: Image) -> Rows
  /// A search with room for so many images and frames of each.
  func search(width: Int, frames: Int, batch: Int, style: Int) -> any CaptionSearch
  /// The words of a sentence that was found, markers left out.
  func words(_ result: CaptionGenerator.Result) -> [Caption.Word]
  /// The same for another thread. The weights are shared.
  func copy() throws -> Self
  /// The same for another number of threads.
  /// - Parameter compilers: threads that make it ready
  func recompiled(threads: Int, compilers: Int) throws -> Self
}
