import Foundation
import Models

/// What chooses and judges a captioner's sentences, beside its weights.
struct CalibrationFiles: Sendable {
  /// Phrases that people write; nil where none costs anything.
  let phrases: FamiliarPhrases?
  /// Nil leaves the captions in the order of the beam search.
  let reranker: CaptionReranker?
  /// Nil leaves the captions unjudged.
  let confidenceModel: ConfidenceModel?
  /// Files of the model's folder that are about other weights or of another version. Captions are made without them.
  let skippedFiles: [URL]

  /// Those of a model's folder.
  init(of model: CaptionModel, in folder: URL) throws(ModelError) {
    reranker = try CaptionReranker.current(of: model, in: folder)
    phrases = reranker?.phrases
    confidenceModel = try ConfidenceModel(model, in: folder, reranker: reranker)
    let unused =
      (reranker == nil ? [CaptionReranker.path(in: folder)] : [])
      + (confidenceModel == nil ? [ConfidenceFile.path(in: folder)] : [])
    skippedFiles = unused.filter { FileManager.default.fileExists(atPath: $0.path) }
  }

  /// Those of a calibration, where nobody judges.
  init(phrases: FamiliarPhrases?, reranker: CaptionReranker?) {
    (self.phrases, self.reranker, confidenceModel, skippedFiles) = (
      phrases ?? reranker?.phrases, reranker, nil, []
    )
  }
}
