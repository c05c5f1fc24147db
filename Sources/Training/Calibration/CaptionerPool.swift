import Compute
import Media
import Models
import Narration
import Tensors

/// Captioners at work on many pictures, a thread each, as `narrate caption` is.
struct CaptionerPool {
  private let captioners: [CaptionEngine]
  private let report: (TrainingEvent) throws -> Void

  /// What a captioner sees of a picture or a clip.
  struct View {
    /// [rows, channels], the positions of all frames
    let features: [Float]
    let rows: Int
    /// [channels]
    let mean: [Float]
  }

  init(_ captioners: [CaptionEngine], report: @escaping (TrainingEvent) throws -> Void) {
    (self.captioners, self.report) = (captioners, report)
  }

  /// Names of the styles that the model has learned.
  var styles: [String] { captioners[0].styles }

  /// Encodes pictures, and makes something of each.
  /// - Parameters:
  ///   - name: what the progress is called
  ///   - images: the picture, or the frames of the clip, of an index
  ///   - transform: what is made of what a captioner sees, on any thread, each index once
  func map<Result: Sendable>(
    _ name: String, _ count: Int, images: @escaping @Sendable (CaptionEngine, Int) throws -> [Image],
    transform: @escaping @Sendable (CaptionEngine, View, Int) throws -> Result
  ) throws -> [Result] {
    try parallelMap(
      Array(0..<count), by: captioners, chunk: 16 * captioners.count,
      progress: { try report(.encoding(name: name, done: $0, of: count)) },
      work: { captioner, index in try transform(captioner, View(images(captioner, index), captioner), index) }
    )
  }
}

extension CaptionerPool.View {
  fileprivate init(_ images: [Image], _ captioner: CaptionEngine) {
    var (features, rows) = ([Float](), 0)
    for image in images {
      let grid = captioner.features(of: image)
      features += [Float](grid)
      rows += grid.rows
    }
    self.init(
      features: features, rows: rows, mean: features.withUnsafeRows(rows, ImageClassifier.mean))
  }
}
