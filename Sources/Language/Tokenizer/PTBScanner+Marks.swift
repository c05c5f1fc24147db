/// Tokens that begin with neither letter nor digit.
extension PTBScanner {
  mutating func takeMark() {
    let first = text[position]
    if Character.isApostrophe(first) {
      takeApostrophe()
    } else if let smiley = smiley {
      takeBracketed(to: smiley)
    } else {
      takePlainMark(first)
    }
  }

  private mutating func takePlainMark(_ first: UInt32) {
    func run(_ value: UInt32) -> Int { end(from: position) { $0 == value } }
    switch first {
    case 0x2e, 0x2c, 0x3a:  // . , :
      let number = decimal(from: position)
      if number > position { take(to: number) } else { skip(to: position + 1) }
    case 0x21, 0x3f:  // ! and ? in a row are one token
      let end = end(from: position) { $0 == 0x21 || $0 == 0x3f }
      if end > position + 1 { take(to: end) } else { skip(to: end) }
    case 0x2d, 0x2b: takeSign(first)
    case 0x2a, 0x5f, 0x23: takeRun(first, run(first))
    case 0x40, 0x3c, 0x3e: takeRun(first, text[position + 1] == first ? position + 2 : position + 1)
    case 0x26: takeEntity()
    case 0x28 where telephone > position: takeBracketed(to: telephone)
    case 0x28, 0x29, 0x5b, 0x5d, 0x7b, 0x7d: takeBracketed(to: position + 1)
    default:
      if let written = PTBLists.symbols[first] {
        take(to: position + 1, as: written)
      } else if Self.isSymbol(first) {
        take(to: position + 1)
      } else {
        skip(to: position + 1)
      }
    }
  }

  /// Up to `end`, brackets by their names; square and curly ones only where they stand alone.
  private mutating func takeBracketed(to end: Int) {
    var token = ""
    for value in text[position..<end] {
      if let name = PTBLists.brackets[value], end == position + 1 || value == 0x28 || value == 0x29 {
        token += name
      } else if let scalar = Unicode.Scalar(value) {
        token.unicodeScalars.append(scalar)
      }
    }
    for part in token.lowercased().split(separator: " ") { take(to: end, as: String(part)) }
  }

  /// A signed number, -LRB-, or dashes: up to four are left out, more are a token.
  private mutating func takeSign(_ sign: UInt32) {
    let number = decimal(from: position + 1)
    if number > position + 1 {
      take(to: number)
    } else if sign == 0x2b {
      take(to: position + 1)
    } else if stands("-lrb-", at: position) || stands("-rrb-", at: position) || stands("-lsb-", at: position)
      || stands("-rsb-", at: position)
    {
      take(to: position + 5)
    } else {
      let end = end(from: position) { $0 == 0x2d }
      if end - position > 4 { take(to: end) } else { skip(to: end) }
    }
  }

  /// Characters of a longer tag, which is none here: its end is not looked for again and again.
  private static let longestTag = 1000

  /// Stars, underscores and number signs together, two angle brackets; @name, #name, <tag>.
  /// - Parameter run: where the characters that are the same end; of an @ or an angle bracket two at most are looked at
  private mutating func takeRun(_ first: UInt32, _ run: Int) {
    if first == 0x3c, let tag { return take(to: tag) }
    if first == 0x40 || first == 0x23, run == position + 1 {
      let isFirst = Character.isLatin(text[run]) || (first == 0x40 && text[run] == 0x5f)
      if isFirst {
        return take(
          to: end(from: run) {
            Character.isLatin($0) || (first == 0x40 && (Character.isDigit($0) || $0 == 0x5f))
          })
      }
    }
    take(to: first == 0x40 ? position + 1 : run)
  }

  /// The end of an SGML tag.
  private var tag: Int? {
    var start = position + 1
    if text[start] == 0x2f { start += 1 }
    let isTag =
      Character.isLatin(text[start])
      || (start == position + 1 && (text[start] == 0x21 || text[start] == 0x3f))
    guard isTag else { return nil }
    let name = end(from: start + 1) {
      Character.isLatin($0) || Character.isDigit($0) || [0x2d, 0x2e, 0x3a, 0x5f, 0x21].contains($0)
    }
    guard [0x20, 0x2f, 0x3e, 0x3f].contains(text[name]) else { return nil }
    // Attributes have no value, or one in quotation marks.
    let limit = min(count, position + Self.longestTag)
    var end = name
    while end < limit, text[end] != 0x3e, text[end] != 0x3c {
      let isQuote = text[end] == 0x22 || text[end] == 0x27
      if isQuote != (text[end - 1] == 0x3d) { return nil }
      if Character.isDigit(text[end]), text[end - 1] == 0x20 { return nil }
      let quote = text[end]
      end += 1
      guard isQuote else { continue }
      while end < limit, text[end] != quote { end += 1 }
      end += 1
    }
    return end < limit && text[end] == 0x3e ? end + 1 : nil
  }

  /// &eacute; and &#39; stay as they are.
  private mutating func takeEntity() {
    if text[position + 1] == 0x23 {
      let digits = end(from: position + 2, while: Character.isDigit)
      if digits > position + 2, text[digits] == 0x3b { return take(to: digits + 1) }
    }
    take(to: position + 1)
  }

  /// :) and the like. Letters only where no letter follows.
  private var smiley: Int? {
    var end = position
    if text[end] == 0x3e || text[end] == 0x3c { end += 1 }
    guard [0x3a, 0x3b, 0x3d].contains(text[end]) else { return nil }
    end += 1
    if [0x2d, 0x27, 0x6f, 0x2a].contains(text[end]), [0x28, 0x29, 0x5b, 0x5d].contains(text[end + 1]) {
      end += 1
    }
    guard Self.isMouth(text[end]) else { return nil }
    return Character.isLatin(text[end]) && Character.isLatin(text[end + 1]) ? nil : end + 1
  }

  private static func isMouth(_ value: UInt32) -> Bool {
    [0x28, 0x29, 0x44, 0x50, 0x64, 0x70, 0x4f, 0x40, 0x7c, 0x5b, 0x5d, 0x5c, 0x7b].contains(value)
  }

  /// 's, 'em, '90s, 'tis; else a quotation mark, which is left out.
  private mutating func takeApostrophe() {
    if let end = contractionEnd(position) {
      // A curly apostrophe becomes a straight one.
      let letters = text[position + 1..<end].compactMap(Unicode.Scalar.init)
      return take(to: end, as: "'" + String(String.UnicodeScalarView(letters)).lowercased())
    }
    if text[position] == 0x27, stands("'tis", at: position) || stands("'twas", at: position) {
      let end = end(from: position + 1, while: Character.isLatin)
      if end == position + (stands("'tis", at: position) ? 4 : 5) {
        take(to: position + 2)
        return take(to: end)
      }
    }
    let digits = end(from: position + 1, while: Character.isDigit)
    if digits == position + 3 {
      if digits == count || Character.isSpace(text[digits]) { return take(to: digits) }
      // '90s
      if text[position + 1] != 0x31, text[position + 2] == 0x30, text[digits] == 0x73 {
        return take(to: digits + 1)
      }
    }
    if text[position + 1] == 0x27 { return skip(to: position + 2) }
    for known in PTBLists.apostrophesFirst where stands(known, at: position) {
      let end = position + known.utf8CodeUnitCount
      if known.utf8CodeUnitCount > 2 || !Character.isLatin(text[end]) { return take(to: end) }
    }
    skip(to: position + 1)
  }

  /// Symbols that are tokens; what is none of them is dropped, as emoji are.
  private static func isSymbol(_ value: UInt32) -> Bool {
    switch value {
    case 0x24, 0x25, 0x2f, 0x3d, 0x5c, 0x5e, 0x7c, 0x7e: true
    case 0x201a, 0x201e, 0x201f, 0x2020...0x2024, 0x2032...0x2037: true
    case 0xa1...0xb1 where value != 0xab, 0xb4, 0xb6...0xb8, 0xba, 0xbf, 0xd7, 0xf7, 0xb2, 0xb3, 0xb9: true
    case 0x20a0...0x20a7, 0x2100...0x214f, 0x2190...0x23ff, 0x2500...0x27bf, 0x2900...0x2bff, 0x3012: true
    default: false
    }
  }
}
