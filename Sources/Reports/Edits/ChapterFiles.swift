import Files
import Foundation
import Media

/// Chapters for players: their times begin with the first frame, unless somebody wants the file's own.
enum ChapterFiles {
  /// Matroska's chapters as mkvmerge takes them (RFC 9559, section 20), to the nanosecond.
  static func matroska(_ list: EditList) -> String {
    let atoms = list.chapters.enumerated().map { index, chapter in
      Element(
        "ChapterAtom", [:],
        [
          Element("ChapterUID", text: index + 1),
          Element("ChapterTimeStart", text: clock(chapter.start - list.shift)),
          Element("ChapterTimeEnd", text: clock(chapter.end - list.shift)),
          Element(
            "ChapterDisplay", [:],
            [
              Element("ChapterString", text: chapter.title.escapingControls),
              Element("ChapterLanguage", text: "eng"),
            ]),
        ])
    }
    return Element("Chapters", [:], [Element("EditionEntry", [:], atoms)]).document()
  }

  /// `00:00:01.500000000`.
  private static func clock(_ seconds: Double) -> String {
    let nanoseconds = Int(bounded: (min(max(0, seconds), 900_000) * 1e9).rounded())
    let whole = nanoseconds / 1_000_000_000
    return String(
      format: "%02d:%02d:%02d.%09d", whole / 3600, whole / 60 % 60, whole % 60, nanoseconds % 1_000_000_000)
  }

  /// FFmpeg's metadata file, in the ticks of the video itself.
  static func ffmetadata(_ list: EditList) -> String {
    let tick = list.timing.tick
    func ticks(_ time: Double) -> Int { Int(bounded: (max(0, time - list.shift) / tick.value).rounded()) }
    let special: Set<Character> = ["=", ";", "#", "\\"]
    return ";FFMETADATA1\n"
      + list.chapters.map { chapter in
        let title = chapter.title.escapingControls.map { special.contains($0) ? "\\\($0)" : String($0) }
        return """
          [CHAPTER]
          TIMEBASE=\(tick.numerator)/\(tick.denominator)
          START=\(ticks(chapter.start))
          END=\(ticks(chapter.end))
          title=\(title.joined())

          """
      }.joined()
  }

  /// Chapters of a description must be three, and ten seconds long each.
  private static let (fewest, shortest) = (3, 10)

  /// A line a chapter, the first at 0:00; those that are too short are joined to others.
  /// - Returns: nil where there would be fewer than three
  static func youtube(_ list: EditList) -> String? {
    let start = list.timing.start
    let end = Int(bounded: list.timing.end - start)
    // As many as possible: each is closed as soon as it is long enough.
    var groups: [(start: Int, chapters: [EditList.Chapter])] = []
    for chapter in list.chapters {
      let second = Int(bounded: max(0, chapter.start - start))
      if let last = groups.last, second - last.start < shortest || end - second < shortest {
        groups[groups.count - 1].chapters.append(chapter)
      } else {
        groups.append((groups.isEmpty ? 0 : second, [chapter]))
      }
    }
    guard groups.count >= fewest, end - (groups.last?.start ?? 0) >= shortest else { return nil }
    return groups.map { group in
      let longest = group.chapters.max { $0.end - $0.start < $1.end - $1.start }
      return "\(Timecode.short(Double(group.start))) \(longest?.title.escapingControls ?? "")\n"
    }.joined()
  }
}
