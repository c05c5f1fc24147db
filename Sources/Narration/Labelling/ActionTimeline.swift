import Foundation
import Media
import Models

/// What the network says of a window.
package struct WindowScores {
  /// Of each label, 0…1
  package let probabilities: [Float]
  /// The moments that were looked at and how much each counted, the sum being 1; empty without attention.
  package let attention: [(time: Double, weight: Double)]

  package init(probabilities: [Float], attention: [(time: Double, weight: Double)] = []) {
    (self.probabilities, self.attention) = (probabilities, attention)
  }
}

/// Joins the windows' probabilities over time. Each stretch of one stride has the mean of the windows over it; each label is
/// then on or off in each stretch, by the most probable path through two states (Viterbi 1967), so that one
/// window alone makes no label flicker.
package struct ActionTimeline {
  struct Stretch {
    /// Its index on the grid of strides.
    let number: Int
    /// Of the windows in which something moved: by label, over these windows
    var sums: [Float]
    var windows = 0
    var stillWindows = 0
    /// When its first and its last sample are shown, in seconds.
    var first = Double.infinity
    var last = -Double.infinity
    var attention: [Double: Double] = [:]

    var isStill: Bool { windows == 0 && stillWindows > 0 }
    func mean(_ label: Int) -> Double { Double(sums[label]) / Double(max(1, windows)) }
  }

  /// What a change of state costs, in nats.
  static let switchingCost = 0.3

  let labels: [String]
  /// Seconds from slot to slot.
  private let interval: Double
  /// Seconds of a stretch.
  private let stride: Double
  /// Seconds of a window.
  private let window: Double
  /// Those that were looked at, in order of time.
  private(set) var stretches: [Stretch] = []
  /// Of each stretch's number, its index.
  private var indices: [Int: Int] = [:]

  package init(labels: [String], interval: Double, stride: Double, window: Double) {
    (self.labels, self.interval, self.stride, self.window) = (labels, interval, stride, window)
  }

  /// Takes a window; nil stands for one in which nothing moves.
  package mutating func add(_ scores: WindowScores?, _ location: WindowLocation) {
    func number(_ slot: Int) -> Int {
      Int(bounded: (Double(slot) * interval / stride + 1e-6).rounded(.down))
    }
    let first = number(location.firstSlot)
    let last = max(
      first,
      Int(bounded: (Double(location.firstSlot + location.slots) * interval / stride - 1e-6).rounded(.down)))
    for number in first...last where indices[number] == nil {
      indices[number] = stretches.count
      stretches.append(Stretch(number: number, sums: [Float](repeating: 0, count: labels.count)))
    }
    for index in (first...last).compactMap({ indices[$0] }) {
      guard let scores else {
        stretches[index].stillWindows += 1
        continue
      }
      stretches[index].windows += 1
      for label in labels.indices { stretches[index].sums[label] += scores.probabilities[label] }
    }
    func index(_ sample: Int, of samples: Int) -> Int {
      indices[min(last, number(location.firstSlot + sample * location.slots / samples))] ?? stretches.count
        - 1
    }
    for (sample, time) in location.times.enumerated() {
      let index = index(sample, of: location.times.count)
      stretches[index].first = min(stretches[index].first, time)
      stretches[index].last = max(stretches[index].last, time)
    }
    for (step, moment) in (scores?.attention ?? []).enumerated() {
      stretches[index(step, of: scores?.attention.count ?? 1)].attention[moment.time, default: 0] +=
        moment.weight
    }
  }

  /// Decides which labels are said when.
  /// - Parameters:
  ///   - start: when the first frame is shown, in seconds
  ///   - end: when the last one ends
  ///   - threshold: the probability at which a label is as likely said as not
  package func decoded(from start: Double, to end: Double, threshold: Double) -> DecodedTimeline {
    var said = [[Int]](repeating: [], count: stretches.count)
    let goal = Self.logit(threshold)
    for label in labels.indices where stretches.contains(where: { $0.mean(label) >= threshold }) {
      let gains = stretches.map { $0.isStill ? -Self.limit : Self.logit($0.mean(label)) - goal }
      for (index, isOn) in Self.path(gains).enumerated() where isOn { said[index].append(label) }
    }
    return DecodedTimeline(
      labels: labels, stretches: stretches, said: said, begins: begins(from: start, to: end))
  }

  /// When each stretch begins, and at last the end. Windows further apart than they are long leave gaps, and so may the
  /// file's times; a gap is parted in its middle.
  private func begins(from start: Double, to end: Double) -> [Double] {
    var begins: [Double] = []
    for (index, stretch) in stretches.enumerated() {
      guard index > 0, let last = begins.last else {
        begins.append(start)
        continue
      }
      let before = stretches[index - 1]
      let isAfterGap = stride > window || stretch.number > before.number + 1
      var begin = stretch.first
      if !begin.isFinite {
        begin = start + Double(stretch.number) * stride
      } else if isAfterGap && before.last.isFinite {
        begin = (before.last + begin) / 2
      }
      begins.append(min(max(begin, last), end))
    }
    return begins + [end]
  }

  private static let limit = 8.0

  private static func logit(_ probability: Double) -> Double {
    min(max(log(probability / (1 - probability)), -limit), limit)
  }

  /// Where a label is on: the path of the greatest sum of the gains of what is on, less the cost of its changes.
  private static func path(_ gains: [Double]) -> [Bool] {
    var (off, on) = (0.0, 0.0)
    /// Of each stretch and state: whether the best path to it comes from being on.
    var comesFromOn: [(off: Bool, on: Bool)] = []
    for gain in gains {
      let from = (off: on - switchingCost > off, on: on >= off - switchingCost)
      (off, on) = (
        from.off ? on - switchingCost : off, gain + (from.on ? on : off - switchingCost)
      )
      comesFromOn.append(from)
    }
    var isOn = on >= off
    var path: [Bool] = []
    for from in comesFromOn.reversed() {
      path.append(isOn)
      isOn = isOn ? from.on : from.off
    }
    return path.reversed()
  }
}
