import ArgumentParser
import Files
import Foundation
import Tracking

/// How followed things are printed.
enum TrackFormat: String, CaseIterable, ExpressibleByArgument {
  /// A line a frame and thing: frame, time, x, y, w, h, confidence, lost and, of several or named ones, the name.
  case text
  /// One object, when all is done.
  case json
  /// MOT's: frame and number of the thing, box, confidence, -1, -1, -1, all counted from 1; without lines for what is lost.
  case mot

  /// - Parameters:
  ///   - frame: from the video's first, which is 0
  ///   - number: of the thing, from 0
  ///   - name: nil where there is one thing without a name
  /// - Returns: nil where nothing is printed now
  func line(_ frame: Int, time: Double, _ number: Int, _ name: String?, _ tracked: TrackedBox) -> String? {
    let box = tracked.box
    switch self {
    case .text:
      let start = String(
        format: "%d,%.3f,%.1f,%.1f,%.1f,%.1f,%.3f,%d", frame, time, box.x, box.y, box.width, box.height,
        tracked.confidence, tracked.isLost ? 1 : 0)
      return start + (name.map { "," + $0.escapingControls } ?? "") + "\n"
    case .mot where !tracked.isLost:
      return String(
        format: "%d,%d,%.1f,%.1f,%.1f,%.1f,%.3f,-1,-1,-1\n", frame + 1, number + 1, box.x + 1, box.y + 1,
        box.width, box.height, tracked.confidence)
    default: return nil
    }
  }

  static func json(_ frame: Int, time: Double, _ tracked: TrackedBox) -> JSON {
    let box = tracked.box
    return .object([
      ("frame", .integer(frame)), ("time", .rounded(time, places: 3)), ("x", .rounded(box.x, places: 1)),
      ("y", .rounded(box.y, places: 1)), ("w", .rounded(box.width, places: 1)),
      ("h", .rounded(box.height, places: 1)), ("confidence", .rounded(tracked.confidence, places: 3)),
      ("lost", .boolean(tracked.isLost)),
    ])
  }
}

/// The value of `--box`: x,y,w,h.
struct BoxArgument: ExpressibleByArgument {
  let box: Box

  init?(argument: String) {
    let fields = argument.split(separator: ",", omittingEmptySubsequences: false).map { Double($0) }
    let numbers = fields.compactMap(\.self)
    guard fields.count == 4, numbers.count == 4, numbers.allSatisfy(\.isFinite) else { return nil }
    box = Box(x: numbers[0], y: numbers[1], width: numbers[2], height: numbers[3])
  }
}
