/// Which words a caption may have in it twice. Captioners tend to see a thing twice: "a plate of food on a plate".
package enum Repetition: String, Codable, Sendable, CaseIterable {
  /// Every word.
  case any
  /// Words of English grammar, such as `the` and `and`, and numbers.
  case english
}

extension Vocabulary {
  /// For each word those that may not follow it in a caption, however much later: the word itself and its plural or singular, or
  /// none. Empty where none is barred.
  package func barred(by repetition: Repetition) -> [[Int32]] {
    guard repetition == .english else { return [] }
    let free = Set(English.grammar + Self.specials)
    var repetitions = words.enumerated().map { free.contains($1) ? [] : [Int32($0)] }
    for (index, word) in words.enumerated() where word.count > 3 && !free.contains(word) {
      for ending in English.pluralEndings where word.hasSuffix(ending) {
        let singular = self.index(of: String(word.dropLast(ending.count)))
        guard singular != Self.unknown, !repetitions[Int(singular)].isEmpty else { continue }
        repetitions[index].append(singular)
        repetitions[Int(singular)].append(Int32(index))
      }
    }
    return repetitions
  }
}
