import Language

/// How long a caption may be. What is longer is no caption, but a file that lost its line ends, or one that is made to keep
/// `evaluate` busy: ROUGE-L compares every word with every other.
enum CaptionLength {
  static let mostBytes = 10_000
  /// As `PTBTokenizer` counts them.
  static let mostWords = 1000

  /// What is said of a caption that is too long.
  static func complaint(_ caption: String) -> String? {
    let bytes = caption.utf8.count
    guard bytes <= mostBytes else { return "a caption of \(bytes) bytes; the limit is \(mostBytes)" }
    // No word has less than a byte.
    guard bytes > mostWords else { return nil }
    let words = PTBTokenizer.words(caption).count
    return words > mostWords ? "a caption of \(words) words; the limit is \(mostWords)" : nil
  }
}
