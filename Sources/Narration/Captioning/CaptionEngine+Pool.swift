import Foundation
import Models

extension CaptionEngine {
  /// So many captioners with one model, each for a thread of its own, made ready on all of their cores together. They share the
  /// weights.
  /// - Parameter threads: cores for each
  package static func pool(
    _ count: Int, model folder: URL, threads: Int, precision: Precision
  ) throws -> [CaptionEngine] {
    try precision.checkCPU()
    let model = try CaptionModel(contentsOf: folder)
    return try pool(
      count, model, name: name(folder), threads: threads, precision: precision.encoder(model, folder),
      CalibrationFiles(of: model, in: folder))
  }

  /// Captioners whose captions nobody judges.
  /// - Parameters:
  ///   - phrases: nil are those of the reranker, or none.
  ///   - reranker: nil leaves the captions in the order of the beam search.
  package static func pool(
    _ count: Int, _ model: CaptionModel, name: String, threads: Int, precision: EncoderPrecision,
    phrases: FamiliarPhrases? = nil, reranker: CaptionReranker? = nil
  ) throws -> [CaptionEngine] {
    try pool(
      count, model, name: name, threads: threads, precision: precision,
      CalibrationFiles(phrases: phrases, reranker: reranker))
  }

  private static func pool(
    _ count: Int, _ model: CaptionModel, name: String, threads: Int, precision: EncoderPrecision,
    _ calibrationFiles: CalibrationFiles
  ) throws -> [CaptionEngine] {
    let first = try CaptionEngine(
      model, name: name, threads: threads, compilers: count * threads, precision: precision,
      calibrationFiles: calibrationFiles)
    return try [first] + (1..<count).map { _ in try first.copy() }
  }
}
