/// A caption's words as the decoder learns them: lower case, hyphens apart, apostrophes dropped, every other character
/// that is not a Latin letter without accent or a digit taken for a space.
package func normalizedWords(_ caption: String) -> [String] {
  var words: [String] = []
  var word: [UInt8] = []
  func close() {
    if !word.isEmpty { words.append(String(decoding: word, as: UTF8.self)) }
    word.removeAll(keepingCapacity: true)
  }
  for byte in caption.lowercased().utf8 {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): word.append(byte)
    case UInt8(ascii: "'"): continue
    default: close()
    }
  }
  close()
  return words
}
