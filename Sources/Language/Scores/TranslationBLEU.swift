import Foundation

/// BLEU of translations as the public `sacrebleu` computes it (Post 2018, "A Call for Clarity in Reporting BLEU Scores"): one
/// reference each, with case, its tokenizer `13a`, its smoothing `exp`.
package struct TranslationBLEU: Sendable {
  private static let longest = 4
  private var (length, referenceLength) = (0, 0)
  /// For each n: n-grams of the translations, and those of them that the references have too.
  private var total = [Int](repeating: 0, count: Self.longest)
  private var correct = [Int](repeating: 0, count: Self.longest)

  package init() {}

  package init(_ translations: [String], references: [String]) {
    precondition(translations.count == references.count)
    for (translation, reference) in zip(translations, references) { add(translation, reference) }
  }

  /// Counts a translation in.
  package mutating func add(_ translation: String, _ reference: String) {
    let (words, theirs) = (Self.words(translation), Self.words(reference))
    length += words.count
    referenceLength += theirs.count
    for n in 1...Self.longest where words.count >= n {
      total[n - 1] += words.count - n + 1
      let known = NGrams(theirs, n).counts
      correct[n - 1] += NGrams(words, n).counts.reduce(0) { $0 + min($1.value, known[$1.key] ?? 0) }
    }
  }

  /// From 0 to 100.
  package var score: Double {
    guard correct.contains(where: { $0 > 0 }), !total.contains(0) else { return 0 }
    var (smoothing, logarithms) = (1.0, 0.0)
    for (correct, total) in zip(correct, total) {
      if correct == 0 { smoothing *= 2 }
      logarithms += log(100 * (correct == 0 ? 1 / smoothing : Double(correct)) / Double(total))
    }
    let penalty = length < referenceLength ? exp(1 - Double(referenceLength) / Double(length)) : 1
    return penalty * exp(logarithms / Double(Self.longest))
  }

  /// The words that are counted: marks stand alone, but for points and commas between digits.
  static func words(_ text: String) -> [ExactString] {
    var text = text.replacing("<skipped>", with: "").replacing("-\n", with: "").replacing("\n", with: " ")
    for (name, mark) in [("&quot;", "\""), ("&amp;", "&"), ("&lt;", "<"), ("&gt;", ">")] {
      text = text.replacing(name, with: mark)
    }
    var scalars: [Unicode.Scalar] = [" "]
    for scalar in text.unicodeScalars { scalars += isMark(scalar) ? [" ", scalar, " "] : [scalar] }
    scalars.append(" ")
    func isDigit(_ scalar: Unicode.Scalar) -> Bool { "0"..."9" ~= scalar }
    func isPoint(_ scalar: Unicode.Scalar) -> Bool { scalar == "." || scalar == "," }
    scalars = replacingPairs(scalars) { !isDigit($0) && isPoint($1) ? [$0, " ", $1, " "] : nil }
    scalars = replacingPairs(scalars) { isPoint($0) && !isDigit($1) ? [" ", $0, " ", $1] : nil }
    scalars = replacingPairs(scalars) { isDigit($0) && $1 == "-" ? [$0, " ", $1, " "] : nil }
    return scalars.split(whereSeparator: \.properties.isWhitespace).map {
      ExactString(String(String.UnicodeScalarView($0)))
    }
  }

  /// ASCII's marks, without the apostrophe, the hyphen, the point and the comma.
  private static func isMark(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar {
    case "{"..."~", "["..."`", " "..."&", "("..."+", ":"..."@", "/": true
    default: false
    }
  }

  /// Replaces pairs from the left; what was in one is in no other.
  private static func replacingPairs(
    _ scalars: [Unicode.Scalar], _ replacement: (Unicode.Scalar, Unicode.Scalar) -> [Unicode.Scalar]?
  ) -> [Unicode.Scalar] {
    var (result, index) = ([Unicode.Scalar](), 0)
    result.reserveCapacity(scalars.count + scalars.count / 4)
    while index < scalars.count {
      if index + 1 < scalars.count, let new = replacement(scalars[index], scalars[index + 1]) {
        result += new
        index += 2
      } else {
        result.append(scalars[index])
        index += 1
      }
    }
    return result
  }
}

/// How often each run of n elements occurs.
struct NGrams<Element: Hashable> {
  private(set) var counts: [ArraySlice<Element>: Int] = [:]

  init(_ elements: [Element], _ n: Int) {
    guard elements.count >= n else { return }
    for first in 0...elements.count - n { counts[elements[first..<first + n], default: 0] += 1 }
  }
}

/// chrF of translations as the public `sacrebleu` computes it (Popović 2015): agreement in runs of up to six characters, spaces left
/// out, in which what the reference has counts twice as much as what the translation has.
package struct TranslationChrF: Sendable {
  private static let (longest, beta) = (6, 2.0)
  /// For each n: runs of the translations, of the references, and those that both have.
  private var (ours, theirs, both) = (
    [Int](repeating: 0, count: Self.longest), [Int](repeating: 0, count: Self.longest),
    [Int](repeating: 0, count: Self.longest)
  )

  package init() {}

  package init(_ translations: [String], references: [String]) {
    precondition(translations.count == references.count)
    for (translation, reference) in zip(translations, references) { add(translation, reference) }
  }

  /// Counts a translation in.
  package mutating func add(_ translation: String, _ reference: String) {
    func characters(_ text: String) -> [Unicode.Scalar] {
      text.unicodeScalars.filter { !$0.properties.isWhitespace }
    }
    let (mine, other) = (characters(translation), characters(reference))
    for n in 1...Self.longest {
      let (found, known) = (NGrams(mine, n).counts, NGrams(other, n).counts)
      let count = max(0, mine.count - n + 1)
      // Runs of a translation count where the reference has such at all, as sacrebleu has it.
      ours[n - 1] += known.isEmpty ? 0 : count
      theirs[n - 1] += max(0, other.count - n + 1)
      both[n - 1] += found.reduce(0) { $0 + min($1.value, known[$1.key] ?? 0) }
    }
  }

  /// From 0 to 100.
  package var score: Double {
    var (precision, recall, orders) = (0.0, 0.0, 0.0)
    for n in 0..<Self.longest where ours[n] > 0 && theirs[n] > 0 {
      precision += Double(both[n]) / Double(ours[n])
      recall += Double(both[n]) / Double(theirs[n])
      orders += 1
    }
    guard orders > 0, precision + recall > 0 else { return 0 }
    (precision, recall) = (precision / orders, recall / orders)
    let factor = Self.beta * Self.beta
    return 100 * (1 + factor) * precision * recall / (factor * precision + recall)
  }
}
