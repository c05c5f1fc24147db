import Foundation
import Models

extension CaptionEngine {
  /// So many captioners with one model, each for a thread of its own, made ready on all of their cores together. They share the
  /// weights.
  /// - Parameter threads: cores for each
  package static func pool(
    _ count: Int, model folder: URL, threads: Int, precision: Precision
  ) throws -> [CaptionEngine] {
    let first = try CaptionEngine(folder, threads: threads, compilers: count * threads, precision: precision)
    return try [first] + (1..<count).map { _ in try first.copy() }
  }

  /// Captioners whose captions nobody judges.
  /// - Parameters:
  ///   - phrases: nil are those of the reranker, or none.
  ///   - reranker: nil leaves the captions in the order of the beam search.
  package static func pool(
    _ count: Int, _ model: CaptioningModel, name: String, threads: Int, precision: EncoderPrecision,
    phrases: FamiliarPhrases? = nil, reranker: CaptionReranker? = nil
  ) throws -> [CaptionEngine] {
    let first = try CaptionEngine(
      model, name: name, threads: threads, compilers: count * threads, precision: precision,
      calibrationFiles: CalibrationFiles(phrases: phrases, reranker: reranker))
    return try [first] + (1..<count).map { _ in try first.copy() }
  }
}
