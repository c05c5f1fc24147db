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
  init(of model: CaptioningModel, in folder: URL) throws(ModelError) {
    let reranker: CalibrationFile<CaptionReranker> =
      switch model {
      case .trained(let model): try CaptionReranker.read(of: model, in: folder)
      case .imported: .absent
      }
    let confidence = try ConfidenceModel.read(of: model, in: folder, reranker: reranker.content)
    (self.reranker, phrases, confidenceModel) = (
      reranker.content, reranker.content?.phrases, confidence.content
    )
    // One that cannot be read matters to those who want bytes, and is told to them.
    let precision = try? PrecisionFile.read(of: model, in: folder).skippedFile
    skippedFiles = [precision, reranker.skippedFile, confidence.skippedFile].compactMap(\.self)
  }

  /// Those of a calibration, where nobody judges.
  init(phrases: FamiliarPhrases?, reranker: CaptionReranker?) {
    (self.phrases, self.reranker, confidenceModel, skippedFiles) = (
      phrases ?? reranker?.phrases, reranker, nil, []
    )
  }
}
