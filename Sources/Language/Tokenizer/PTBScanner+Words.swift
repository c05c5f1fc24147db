/// Tokens that begin with a letter or a digit.
extension PTBScanner {
  mutating func takeWord() {
    if takePlainWord() || takeAddress() { return }
    hyphenable = end(from: position, known: hyphenable) { isWordScalar($0) || $0 == 0x2e || $0 == 0x2c }
    let longest = max(hyphenated, slashed, word, number, special, stopped)
    // A token that a contraction follows counts with what follows it.
    if let stem = stemBeforeContraction, stem.reach > longest {
      take(to: stem.end)
      return
    }
    if takeAssimilated(longest) { return }
    take(to: max(longest, position + 1))
  }

  /// Most words: Latin letters before a space, a comma or the end.
  private mutating func takePlainWord() -> Bool {
    let end = end(from: position, while: Character.isLatin)
    guard end > position,
      end == count || text[end] == 0x20 || (text[end] == 0x2c && !isWordScalar(text[end + 1])),
      !PTBLists.mayBeAssimilated(text[position..<end])
    else { return false }
    take(to: end)
    return true
  }

  private func isWordScalar(_ value: UInt32) -> Bool { Character.isLetter(value) || Character.isDigit(value) }

  /// Letters and digits, with stops, exclamation and question marks between them where a letter follows.
  private var word: Int {
    guard Character.isLetter(text[position]) else {
      // 5th, 4x4, 1990s
      let digits = end(from: position, while: Character.isDigit)
      return end(from: digits, while: isWordScalar)
    }
    var end = end(from: position, while: isWordScalar)
    while [0x2e, 0x21, 0x3f].contains(text[end]) && Character.isLetter(text[end + 1]) {
      end = self.end(from: end + 1, while: isWordScalar)
    }
    return end
  }

  /// t-shirt, 20-year-old, non-u.s.
  private var hyphenated: Int {
    var best = position
    var end = hyphenable
    while Character.isHyphen(text[end]) && isWordScalar(text[end + 1]) {
      let next = self.end(from: end + 1, while: isWordScalar)
      best = next
      end = next
      let initials = self.initials(from: best - 1)
      if Character.isHyphen(text[best - 2]), initials > best + 1 { best = initials }
    }
    return best
  }

  /// A word whose stop a comma, a colon or a semicolon follows is taken for an abbreviation.
  private var stopped: Int {
    let word = max(self.word, hyphenated, end(from: position) { isWordScalar($0) || $0 == 0x5f })
    return text[word] == 0x2e && [0x2c, 0x3a, 0x3b].contains(text[word + 1]) ? word + 1 : position
  }

  /// and/or, he/she/it, 1/2-inch: at most three parts, each with at most two hyphens.
  private var slashed: Int {
    func part(_ start: Int) -> Int? {
      var end = self.end(from: start) { Character.isLatin($0) || Character.isDigit($0) }
      guard end > start else { return nil }
      for _ in 0..<2 {
        guard text[end] == 0x2d, Character.isLatin(text[end + 1]) else { break }
        end = self.end(from: end + 1, while: Character.isLatin)
      }
      return end
    }
    guard var best = part(position) else { return position }
    var found = false
    for _ in 0..<2 {
      var next = best
      if text[next] == 0x5c { next += 1 }
      guard text[next] == 0x2f, let end = part(next + 1) else { break }
      (best, found) = (end, true)
    }
    return found ? best : position
  }

  /// Initials and abbreviations with their stops, AT&T, names with an apostrophe, C++, file names, a_b.
  private var special: Int {
    let letters = end(from: position, while: Character.isLatin)
    var best = max(initials(from: position), abbreviation(letters), apostrophized(letters))
    if stands("c++", at: position) { best = max(best, position + 3) }
    if stands("ph.d.", at: position) { best = max(best, position + 5) }
    // AT&T, B+W
    var end = end(from: position, while: Character.isUpper)
    while end > position, text[end] == 0x26 || text[end] == 0x2b, Character.isUpper(text[end + 1]) {
      end = self.end(from: end + 1, while: Character.isUpper)
      best = max(best, end)
    }
    // US$
    if end > position, text[end] == 0x24 { best = max(best, end + 1) }
    var underscored = self.end(from: position, while: isWordScalar)
    while text[underscored] == 0x5f && isWordScalar(text[underscored + 1]) {
      underscored = self.end(from: underscored + 1, while: isWordScalar)
      best = max(best, underscored)
    }
    let stem = self.end(from: position) { Character.isLatin($0) || Character.isDigit($0) }
    if text[stem] == 0x2e, let kind = PTBLists.fileKinds.first(where: { stands($0, at: stem + 1) }) {
      let end = stem + 1 + kind.utf8CodeUnitCount
      if !isWordScalar(text[end]) { best = max(best, end) }
    }
    return best
  }

  /// The end of u.s. or of a single letter with its stop.
  private func initials(from start: Int) -> Int {
    var end = start
    while Character.isLatin(text[end]) && text[end + 1] == 0x2e { end += 2 }
    return end
  }

  private func abbreviation(_ letters: Int) -> Int {
    guard text[letters] == 0x2e, letters - position <= 6 else { return position }
    let name = String(String.UnicodeScalarView(text[position..<letters].compactMap(Unicode.Scalar.init)))
      .lowercased()
    if PTBLists.abbreviations.contains(name) { return letters + 1 }
    if PTBLists.names.contains(name), Character.isUpper(text[position]) { return letters + 1 }
    if PTBLists.beforeNumbers.contains(name) {
      let next = end(from: letters + 1, while: Character.isSpace)
      if Character.isDigit(text[next]) { return letters + 1 }
    }
    return position
  }

  /// o'neil, d'artagnan, hallowe'en, qu'il, ma'am, y'.
  private func apostrophized(_ letters: Int) -> Int {
    if letters == position { return position }
    if let known = PTBLists.apostrophized.first(where: { stands($0, at: position) }) {
      let end = position + known.utf8CodeUnitCount
      if !Character.isLatin(text[end]) { return end }
    }
    // é is no end of such a prefix, but may begin what follows: d'été.
    guard Character.isApostrophe(text[letters]) else { return position }
    let first = text[position] | 0x20
    let after = end(from: letters + 1, while: Character.isLetter)
    if letters == position + 1 {
      if [0x64, 0x6f, 0x6c, 0x6e].contains(first), after - letters > 2 { return after }
      if [0x64, 0x6c, 0x6a, 0x79].contains(first), !isContraction(at: letters) { return letters + 1 }
    } else if Character.isVowel(text[letters - 1]) || text[letters - 1] | 0x20 == 0x79,
      Character.isVowel(text[letters + 1])
    {
      return after
    }
    if text[position] | 0x20 == 0x6f, text[letters + 1] | 0x20 == 0x6f, letters == position + 1 {
      return after
    }
    return position
  }

  // MARK: Contractions

  /// Whether 's, 'm, 'd, 're, 've or 'll stands at a position.
  func isContraction(at start: Int) -> Bool { contractionEnd(start) != nil }

  func contractionEnd(_ start: Int) -> Int? {
    guard start < count, Character.isApostrophe(text[start]) else { return nil }
    let letters = end(from: start + 1, while: Character.isLatin)
    switch letters - start {
    case 2: return [0x73, 0x6d, 0x64].contains(text[start + 1] | 0x20) ? letters : nil
    case 3:
      let known = stands("re", at: start + 1) || stands("ve", at: start + 1) || stands("ll", at: start + 1)
      return known ? letters : nil
    default: return nil
    }
  }

  /// Where a word ends that n't or 's follows, and where that ends.
  private var stemBeforeContraction: (end: Int, reach: Int)? {
    let letters = end(from: position, while: isWordScalar)
    if letters > position + 1, text[letters - 1] | 0x20 == 0x6e, Character.isApostrophe(text[letters]),
      text[letters + 1] | 0x20 == 0x74
    {
      return (letters - 1, letters + 2)
    }
    let word = word
    if let reach = contractionEnd(word) { return (word, reach) }
    return nil
  }

  /// Splits cannot, gonna and their like.
  private mutating func takeAssimilated(_ end: Int) -> Bool {
    if end == position + 1, text[position] | 0x20 == 0x6e, Character.isApostrophe(text[end]),
      text[end + 1] | 0x20 == 0x74, !Character.isLatin(text[end + 2])
    {
      take(to: end + 2, as: "n't")
      return true
    }
    if stands("more'n", at: position), !isWordScalar(text[position + 6]) {
      take(to: position + 4)
      take(to: position + 2)
      return true
    }
    for (whole, first) in PTBLists.assimilated
    where position + whole.utf8CodeUnitCount == end && stands(whole, at: position) {
      take(to: position + first)
      take(to: end)
      return true
    }
    return false
  }
}
