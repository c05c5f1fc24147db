/// Numbers and addresses.
extension PTBScanner {
  /// 3.5, 1,000, 12:30, .5, 1/2 with a whole number before it.
  var number: Int { max(decimal(from: position), fraction) }

  /// Digits with stops, commas and colons between them or before them.
  func decimal(from start: Int) -> Int {
    var end = end(from: start, while: Character.isDigit)
    while [0x2e, 0x2c, 0x3a].contains(text[end]) && Character.isDigit(text[end + 1]) {
      end = self.end(from: end + 1, while: Character.isDigit)
    }
    return end
  }

  /// 1-1/2
  private var fraction: Int {
    let whole = end(from: position, while: Character.isDigit)
    guard whole > position, text[whole] == 0x2d else { return position }
    let top = end(from: whole + 1, while: Character.isDigit)
    guard top > whole + 1, text[top] == 0x2f else { return position }
    let bottom = end(from: top + 1, while: Character.isDigit)
    return bottom > top + 1 ? bottom : position
  }

  /// (555) 123-4567
  var telephone: Int {
    guard text[position] == 0x28 else { return position }
    let area = end(from: position + 1, while: Character.isDigit)
    guard (2...3).contains(area - position - 1), text[area] == 0x29 else { return position }
    let start = text[area + 1] == 0x20 ? area + 2 : area + 1
    let middle = end(from: start, while: Character.isDigit)
    guard (3...4).contains(middle - start), text[middle] == 0x2d || text[middle] == 0x20 else {
      return position
    }
    let end = end(from: middle + 1, while: Character.isDigit)
    return (3...5).contains(end - middle - 1) ? end : position
  }

  /// Takes http://…, www.…/… and somebody@somewhere.
  mutating func takeAddress() -> Bool {
    func isInside(_ value: UInt32) -> Bool {
      value > 0x20 && value < 0x7f && ![0x22, 0x28, 0x29, 0x3c, 0x3e, 0x7b, 0x7c, 0x7d].contains(value)
    }
    if stands("http://", at: position) || stands("https://", at: position) || stands("www.", at: position) {
      var end = end(from: position, while: isInside)
      while end > position, [0x2e, 0x2c, 0x3b, 0x21, 0x3f, 0x27, 0x3a].contains(text[end - 1]) { end -= 1 }
      take(to: end)
      return true
    }
    func isName(_ value: UInt32) -> Bool {
      Character.isLatin(value) || Character.isDigit(value) || [0x2e, 0x5f, 0x2d, 0x2b].contains(value)
    }
    let name = end(from: position, known: nameable, while: isName)
    nameable = name
    guard text[name] == 0x40, name != strayAt else { return false }
    var end = end(from: name + 1) {
      Character.isLatin($0) || Character.isDigit($0) || $0 == 0x2e || $0 == 0x2d
    }
    while end > name + 1, text[end - 1] == 0x2e || text[end - 1] == 0x2d { end -= 1 }
    guard end > name + 1 else {
      strayAt = name
      return false
    }
    take(to: end)
    return true
  }
}
