import Foundation

extension Captioner {
  /// So many captioners with one model, each for a thread of its own, made ready on all of their cores together. They share the
  /// weights.
  /// - Parameter threads: cores for each
  package static func crew(
    _ count: Int, model folder: URL, threads: Int, precision: Precision
  ) throws -> [Captioner] {
    try precision.checkCPU()
    let model = try CaptionModel(contentsOf: folder)
    let reranker = try CaptionReranker.current(of: model, in: folder)
    return try crew(
      count, model, name: name(folder), threads: threads, precision: precision.encoder(model, folder),
      reranker: reranker, judge: CaptionJudge(model, in: folder, reranker: reranker))
  }

  /// Captioners whose captions nobody judges.
  package static func crew(
    _ count: Int, _ model: CaptionModel, name: String, threads: Int, precision: EncoderPrecision,
    phrases: FamiliarPhrases? = nil, reranker: CaptionReranker? = nil
  ) throws -> [Captioner] {
    try crew(
      count, model, name: name, threads: threads, precision: precision, phrases: phrases, reranker: reranker,
      judge: nil)
  }

  private static func crew(
    _ count: Int, _ model: CaptionModel, name: String, threads: Int, precision: EncoderPrecision,
    phrases: FamiliarPhrases? = nil, reranker: CaptionReranker?, judge: CaptionJudge?
  ) throws -> [Captioner] {
    let first = try Captioner(
      model, name: name, threads: threads, compilers: count * threads, precision: precision,
      phrases: phrases, reranker: reranker, judge: judge)
    return try [first] + (1..<count).map { _ in try first.copy() }
  }
}
