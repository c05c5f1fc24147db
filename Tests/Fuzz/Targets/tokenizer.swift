import Language

/// Captions as the scores, the trainer and the table of things part them into words, and the scores of one against another.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafeRawPointer?, _ count: Int) -> CInt {
  let lines = parts(Bytes(start: start, count: count)).map { String(decoding: $0, as: UTF8.self) }
  var words = lines.map(PTBTokenizer.words)
  precondition(words.joined().allSatisfy { !$0.isEmpty && !$0.contains(" ") })
  for line in lines { _ = (normalizedWords(line), ObjectWords.english.words(of: line)) }
  _ = try? ObjectWords(lines[0]).text
  // As long as a caption may be: see `CaptionLength`.
  words = words.map { Array($0.prefix(1000)) }
  let scores = CaptionScorer(references: [Array(words.dropFirst()) + [words[0]]]).scores([words[0]]).corpus
  precondition(scores.named.allSatisfy { $0.value.isFinite })
  _ = CaptionTruth.References(lines).judge(lines[0])
  return 0
}
