import Compute
import Media
import Models
import Narration

/// Captioners at work on many pictures, a thread each, as `narrate caption` is.
struct CaptionerPool {
  private let captioners: [CaptionEngine]
  private let report: (TrainingEvent) throws -> Void

  /// What a captioner sees of a picture or a clip.
  struct View {
    /// [frames, positions, channels]
    let features: [Float]
    let frames: Int
    /// [channels]
    let mean: [Float]
  }

  init(_ captioners: [CaptionEngine], report: @escaping (TrainingEvent) throws -> Void) {
    (self.captioners, self.report) = (captioners, report)
  }

  /// Names of the styles that the model has learned.
  var styles: [String] { captioners[0].styles }

  /// Looks at pictures.
  /// - Parameters:
  ///   - name: what the progress is called
  ///   - images: the picture, or the frames of the clip, of an index
  ///   - look: on any thread, each index once
  func map<Result: Sendable>(
    _ name: String, _ count: Int, images: @escaping @Sendable (Int) throws -> [Image],
    look: @escaping @Sendable (CaptionEngine, View, Int) throws -> Result
  ) throws -> [Result] {
    try parallelMap(
      Array(0..<count), by: captioners, chunk: 16 * captioners.count,
      progress: { try report(.encoding(name: name, done: $0, of: count)) },
      work: { captioner, index in try look(captioner, View(images(index), captioner), index) })
  }
}

extension CaptionerPool.View {
  fileprivate init(_ images: [Image], _ captioner: CaptionEngine) {
    let positions = captioner.grid.rows * captioner.grid.columns
    var features: [Float] = []
    for image in images {
      features += UnsafeBufferPointer(
        start: captioner.features(of: image), count: positions * EfficientNetLite.channels)
    }
    self.init(
      features: features, frames: images.count,
      mean: ImageClassifier.mean(features, positions: images.count * positions))
  }
}
