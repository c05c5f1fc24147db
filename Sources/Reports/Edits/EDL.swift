import Files
import Foundation
import Media
import Narration

/// Edit decision lists as CMX 3600 had them, and as editing programs still read them: an event a shot, with the timecodes of the
/// source and of the timeline that it is put on, which begins with an hour.
enum EDL {
  /// Events that have three digits.
  static let eventLimit = 999

  static func edits(_ list: EditList) -> String {
    header(list)
      + list.spans.enumerated().map { index, span in
        let caption = span.shot.caption.map { "* COMMENT: \(line($0))\n" } ?? ""
        return event(index, "AX", from: list.source, span.frames, to: list.record)
          + "* FROM CLIP NAME: \(line(list.media.name))\n" + caption
      }.joined(separator: "\n")
  }

  /// An event of one frame a shot, at its place on a timeline that begins with an hour; a note, the color and the name. The
  /// note must not begin as an event does.
  static func markers(_ list: EditList) -> String {
    header(list)
      + list.spans.enumerated().map { index, span in
        let place = span.frames.lowerBound
        let note = String(format: "%@ %.2f", span.shot.kind.rawValue, span.shot.confidence)
        return event(index, "001", from: list.record, place..<place + 1, to: list.record)
          + "\(note) |C:ResolveColor\(color(span.shot.kind)) |M:\(line(EditList.name(span.shot, index))) |D:1\n"
      }.joined(separator: "\n")
  }

  private static func header(_ list: EditList) -> String {
    // Readers know seventy characters of a title.
    """
    TITLE: \(line(list.media.name).prefix(70))
    FCM: \(list.source.dropsFrames ? "DROP FRAME" : "NON-DROP FRAME")


    """
  }

  private static func event(
    _ index: Int, _ reel: String, from source: SMPTETimecode, _ frames: Range<Int>, to record: SMPTETimecode
  ) -> String {
    let times = [source, record].flatMap { [$0 + frames.lowerBound, $0 + frames.upperBound] }
    return String(format: "%03d  ", index + 1) + reel.padding(toLength: 8, withPad: " ", startingAt: 0)
      + " V     C        " + times.map(\.description).joined(separator: " ") + "\n"
  }

  /// Text that neither ends a line nor begins what stands behind bars.
  private static func line(_ text: String) -> String {
    String(text.escapingControls.map { $0 == "|" ? "/" : $0 })
  }

  private static func color(_ kind: ShotTransition) -> String {
    switch kind {
    case .start, .cut: "Blue"
    case .dissolve: "Cyan"
    case .fade: "Purple"
    case .wipe: "Yellow"
    case .none: "Green"
    }
  }
}
