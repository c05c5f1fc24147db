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
    let free = Set(Self.grammar + Self.specials)
    var repetitions = words.enumerated().map { free.contains($1) ? [] : [Int32($0)] }
    for (index, word) in words.enumerated() where word.count > 3 && !free.contains(word) {
      for ending in ["s", "es"] where word.hasSuffix(ending) {
        let singular = self.index(of: String(word.dropLast(ending.count)))
        guard singular != Self.unknown, !repetitions[Int(singular)].isEmpty else { continue }
        repetitions[index].append(singular)
        repetitions[Int(singular)].append(Int32(index))
      }
    }
    return repetitions
  }

  private static let grammar = [
    "a", "an", "the", "this", "that", "these", "those", "some", "each", "other", "another", "all", "both",
    "of", "in", "on", "at", "by", "to", "from", "with", "without", "for", "into", "onto", "over", "under",
    "near", "behind",
    "beside", "between", "through", "across", "along", "around", "against", "above", "below", "up", "down",
    "off", "out",
    "next", "front", "top", "side", "and", "or", "but", "while", "as", "than", "who", "which", "what",
    "where", "when",
    "is", "are", "was", "were", "be", "being", "been", "has", "have", "having", "do", "does", "not", "there",
    "it", "its", "he", "his", "him", "she", "her", "they", "their", "them", "one", "two", "three", "four",
    "five", "six",
    "several", "many", "'s", "s",
  ]
}
