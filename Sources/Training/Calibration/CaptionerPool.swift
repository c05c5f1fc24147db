import Media
import Models
import Narration
import Reports

/// Captioners at work on many pictures, a thread each, as `narrate caption` is.
struct CaptionerPool {
  private let captioners: [Captioner]
  private let report: (TrainingEvent) throws -> Void

  /// What a captioner sees of a picture or a clip.
  struct View {
    /// [frames, positions, channels]
    let features: [Float]
    let frames: Int
    /// [channels]
    let mean: [Float]
  }

  init(_ captioners: [Captioner], report: @escaping (TrainingEvent) throws -> Void) {
    (self.captioners, self.report) = (captioners, report)
  }

  /// Names of the styles that the model has learned.
  var styles: [String] { captioners[0].styles }

  /// Looks at pictures.
  /// - Parameters:
  ///   - name: what the progress is called
  ///   - images: the picture, or the frames of the clip, of an index
  ///   - look: on any thread, each index once
  func map<Result>(
    _ name: String, _ count: Int, images: (Int) throws -> [Image],
    look: (Captioner, View, Int) throws -> Result
  ) throws -> [Result] {
    let results = Slots<Result?>(repeating: nil, count: count)
    let chunk = 16 * captioners.count
    for start in stride(from: 0, to: count, by: chunk) {
      let end = min(start + chunk, count)
      try parallel(captioners.count) { thread in
        for index in stride(from: start + thread, to: end, by: captioners.count) {
          results[index] = try look(
            captioners[thread], view(captioners[thread], images(index)), index)
        }
      }
      try report(.encoding(name: name, done: end, of: count))
    }
    return (0..<count).compactMap { results[$0] }
  }

  private func view(_ captioner: Captioner, _ images: [Image]) -> View {
    let positions = captioner.gridSize.rows * captioner.gridSize.columns
    var features: [Float] = []
    for image in images {
      features += UnsafeBufferPointer(
        start: captioner.features(of: image), count: positions * EfficientNetLite.channels)
    }
    return View(
      features: features, frames: images.count,
      mean: ImageClassifier.mean(features, positions: images.count * positions))
  }
}
