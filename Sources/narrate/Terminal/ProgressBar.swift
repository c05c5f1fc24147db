import Files
import Foundation
import Media
import Reports

/// How far a piece of work is, as a line for people or for programs.
package struct ProgressBar: Sendable {
  /// A figure beside the bar, such as the loss.
  package struct Field: Sendable {
    /// In JSON, and before the figure for people: `loss`.
    package let name: String
    package let value: Double
    package let decimals: Int
    /// After the figure for people, who then do not see the name: `tokens/s`.
    package let unit: String?

    package init(_ name: String, _ value: Double, decimals: Int = 0, unit: String? = nil) {
      self.name = name
      self.value = value
      self.decimals = decimals
      self.unit = unit
    }

    fileprivate var figure: String { String(format: "%.\(decimals)f", value) }
    fileprivate var text: String { unit.map { "\(figure) \($0)" } ?? "\(name) \(figure)" }
  }

  /// What is being done: `epoch 3/14`.
  package var task: String
  package var done: Int
  package var total: Int
  package var fields: [Field]
  /// How much was done already when the seconds began, as in a run that goes on from a checkpoint.
  package var start: Int
  /// Seconds since the work began.
  package var seconds: Double

  package init(task: String, done: Int, total: Int, fields: [Field] = [], start: Int = 0, seconds: Double) {
    self.task = task
    self.done = done
    self.total = total
    self.fields = fields
    self.start = start
    self.seconds = seconds
  }

  /// Some needed no work.
  package mutating func pass(_ count: Int) {
    done += count
    start += count
  }

  /// From 0 to 1.
  package var fraction: Double { total > 0 ? min(1, max(0, Double(done) / Double(total))) : 1 }

  /// Seconds left at the pace so far; nil before there is one.
  package var secondsLeft: Double? {
    done > start ? seconds / Double(done - start) * Double(max(0, total - done)) : nil
  }

  /// One line of at most `width` columns: `epoch 3/14 [####----] 120/375  loss 3.142  3300 tokens/s  1:21
  /// left`.
  package func line(width: Int, hasColor: Bool) -> String {
    var facts = (["\(done)/\(total)"] + fields.map(\.text)).joined(separator: "  ")
    if let secondsLeft { facts += "  \(Self.clock(secondsLeft)) left" }
    let room = width - task.count - facts.count - 4
    guard room >= 8 else { return String("\(task) \(facts)".prefix(max(0, width))) }
    let length = min(30, room)
    let filled = Int(bounded: fraction * Double(length))
    let (full, empty) = (
      String(repeating: "#", count: filled), String(repeating: "-", count: length - filled)
    )
    let bar = hasColor ? "\u{1B}[32m\(full)\u{1B}[0m\u{1B}[2m\(empty)\u{1B}[0m" : full + empty
    return "\(task) [\(bar)] \(facts)"
  }

  /// One JSON object on one line. A figure that is not finite is null.
  package var json: String {
    func number(_ value: Double, _ decimals: Int) -> String {
      value.isFinite ? String(format: "%.\(decimals)f", value) : "null"
    }
    var members = [
      #""event":"progress""#, #""task":\#(Self.quoted(task))"#, #""done":\#(done)"#, #""total":\#(total)"#,
    ]
    members += fields.map { #"\#(Self.quoted($0.name)):\#(number($0.value, max($0.decimals, 3)))"# }
    members.append(#""seconds":\#(number(seconds, 3))"#)
    members.append(#""seconds_left":\#(secondsLeft.map { number($0, 3) } ?? "null")"#)
    return "{" + members.joined(separator: ",") + "}"
  }

  /// `0:07`, `12:30`, `1:02:03`.
  package static func clock(_ seconds: Double) -> String {
    let whole = Int(bounded: min(max(0, seconds.isFinite ? seconds : 0), 3_599_999).rounded())
    let (hours, minutes) = (whole / 3600, whole / 60 % 60)
    return hours > 0
      ? String(format: "%d:%02d:%02d", hours, minutes, whole % 60)
      : String(format: "%d:%02d", minutes, whole % 60)
  }

  private static func quoted(_ text: String) -> String {
    let escaped = text.unicodeScalars.map { scalar in
      switch scalar {
      case "\"", "\\": "\\\(scalar)"
      case "\u{0}"..."\u{1F}": String(format: "\\u%04x", scalar.value)
      default: String(scalar)
      }
    }
    return "\"" + escaped.joined() + "\""
  }
}

extension Console {
  /// For the work on one video: shows each second of it that is done, and ends it when a signal came.
  /// - Parameter task: what is being done
  func following(_ task: String) -> (_ done: Double, _ duration: Double?) throws -> Void {
    let began = ContinuousClock.now
    var shown = -1
    return { done, duration in
      try Interruption.check()
      let whole = Int(bounded: done)
      guard let duration, duration > 0, whole != shown else { return }
      shown = whole
      let seconds = (ContinuousClock.now - began) / .seconds(1)
      var bar = ProgressBar(
        task: task, done: min(whole, Int(bounded: duration)), total: Int(bounded: duration), seconds: seconds)
      bar.fields = [ProgressBar.Field("times_real_time", done / max(seconds, 1e-3), decimals: 1)]
      self.show(bar)
    }
  }
}
