import Files
import Foundation
import Media

/// Subtitles that somebody has of a video, SubRip or WebVTT: what is said, and when.
package struct Transcript: Sendable {
  package struct Cue: Sendable, Equatable {
    /// Seconds since the first frame, as players count.
    package let start: Double
    package let end: Double
    /// On one line, without markup.
    package let text: String

    package init(start: Double, end: Double, text: String) {
      (self.start, self.end, self.text) = (start, end, text)
    }
  }

  /// In order of time, at least one.
  package let cues: [Cue]

  /// Bytes of a file, at most: a day of talk has a tenth.
  private static let byteLimit = 32 << 20

  /// - Throws: `InputFailure` for a file that cannot be read or has no cue in it
  package init(contentsOf path: String) throws(InputFailure) {
    let bytes: [UInt8]
    do {
      bytes = try OpenFile(regular: path).bytes(atMost: Self.byteLimit)
    } catch {
      throw error.code == EFBIG
        ? InputFailure(kind: .tooLarge, message: "more than \(Self.byteLimit >> 20) MB of subtitles")
        : .unreadable(error.code)
    }
    guard !bytes.isEmpty else { throw InputFailure(kind: .empty, message: "no subtitles in it") }
    self.init(cues: Self.cues(in: Self.decoded(bytes)))
    guard !cues.isEmpty else {
      throw InputFailure(kind: .unsupported, message: "neither SubRip nor WebVTT: no cue in it")
    }
  }

  package init(cues: [Cue]) { self.cues = cues.sorted { $0.start < $1.start } }

  /// What is said in stretches of a video, each cue in the one where its middle is.
  /// - Parameters:
  ///   - stretches: in order, in seconds by the file's presentation times
  ///   - start: when the first frame is shown, likewise
  package func spoken(in stretches: [(start: Double, end: Double)], start: Double) -> [String] {
    var texts = [[String]](repeating: [], count: stretches.count)
    var stretch = 0
    for cue in cues.sorted(by: { $0.start + $0.end < $1.start + $1.end }) {
      let middle = start + (cue.start + cue.end) / 2
      while stretch + 1 < stretches.count, middle >= stretches[stretch].end { stretch += 1 }
      // What is said before the first frame or after the last is said in none.
      guard let there = stretches.indices.contains(stretch) ? stretches[stretch] : nil,
        middle >= there.start, middle < there.end
      else { continue }
      texts[stretch].append(cue.text)
    }
    return texts.map { $0.joined(separator: " ") }
  }

  /// UTF-8, UTF-16 where its mark stands first, or else Latin letters of one byte.
  private static func decoded(_ bytes: [UInt8]) -> String {
    let data = Data(bytes)
    if bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF]) {
      return String(data: data, encoding: .utf16) ?? ""
    }
    let unmarked = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes.dropFirst(3) : bytes[...]
    return String(validating: unmarked, as: UTF8.self) ?? String(data: data, encoding: .windowsCP1252)
      ?? String(decoding: bytes, as: UTF8.self)
  }

  /// A line of times and the lines up to an empty one make a cue, whatever stands between cues.
  private static func cues(in text: String) -> [Cue] {
    let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
    var cues: [Cue] = []
    var index = 0
    while index < lines.count {
      let times = lines[index].split(separator: "-->", maxSplits: 1, omittingEmptySubsequences: false)
      index += 1
      guard times.count == 2, let start = seconds(times[0]), let end = seconds(times[1]) else { continue }
      var words: [String] = []
      while index < lines.count, lines[index].contains(where: { !$0.isWhitespace }),
        !lines[index].contains("-->")
      {
        words.append(plain(lines[index]))
        index += 1
      }
      let said = words.joined(separator: " ").split(whereSeparator: \.isWhitespace).joined(separator: " ")
      if !said.isEmpty { cues.append(Cue(start: start, end: max(start, end), text: said.escapingControls)) }
    }
    return cues
  }

  /// `01:02:03,456`, `02:03.456`; settings may stand behind.
  private static func seconds(_ text: Substring) -> Double? {
    guard let time = text.split(whereSeparator: \.isWhitespace).first else { return nil }
    let fields = time.replacing(",", with: ".").split(separator: ":", omittingEmptySubsequences: false)
    let numbers = fields.map { Double($0) }
    guard (2...3).contains(fields.count),
      !fields.contains(where: { $0.contains { "+-eExXpPnN".contains($0) } })
    else { return nil }
    var sum = 0.0
    for number in numbers {
      guard let number else { return nil }
      sum = sum * 60 + number
    }
    return MediaTime.checked(sum)
  }

  /// Without tags (`<i>`, `{\an8}`) and with characters in the place of their names.
  private static func plain(_ line: Substring) -> String {
    var (text, closing) = ("", Character?.none)
    for character in line {
      if let end = closing {
        if character == end { closing = nil }
      } else if character == "<" || character == "{" {
        closing = character == "<" ? ">" : "}"
      } else {
        text.append(character)
      }
    }
    let names = [("&lt;", "<"), ("&gt;", ">"), ("&nbsp;", " "), ("&quot;", "\""), ("&amp;", "&")]
    return names.reduce(text) { $0.replacing($1.0, with: $1.1) }
  }
}
