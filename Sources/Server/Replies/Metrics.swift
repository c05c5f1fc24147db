import Synchronization

/// What a server counts, as Prometheus reads it (text format 0.0.4).
package final class Metrics: Sendable {
  private struct State {
    /// By route and status.
    var requests: [Pair: Int] = [:]
    var captionCount = 0
    var captionSeconds = 0.0
    var captionBuckets = [Int](repeating: 0, count: Metrics.bounds.count)
  }

  private struct Pair: Hashable { let route: String, status: Int }

  private static let bounds = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5]
  private let state = Mutex(State())

  package init() {}

  /// - Parameter route: its pattern, of which there are few, never what somebody asked for
  package func answered(_ route: String, _ status: Int) {
    state.withLock { $0.requests[Pair(route: route, status: status), default: 0] += 1 }
  }

  /// - Parameter seconds: from the picture's bytes to its caption, its wait included
  package func captioned(seconds: Double) {
    state.withLock { state in
      state.captionCount += 1
      state.captionSeconds += seconds
      for (index, bound) in Self.bounds.enumerated() where seconds <= bound {
        state.captionBuckets[index] += 1
      }
    }
  }

  /// - Parameter gauges: what is so at the moment
  package func text(_ gauges: [(name: String, help: String, value: Int)]) -> String {
    let state = state.withLock(\.self)
    var text =
      "# HELP narrate_requests_total Requests that were answered.\n# TYPE narrate_requests_total counter\n"
    for (pair, count) in state.requests.sorted(by: {
      ($0.key.route, $0.key.status) < ($1.key.route, $1.key.status)
    }) {
      text += "narrate_requests_total{route=\"\(pair.route)\",status=\"\(pair.status)\"} \(count)\n"
    }
    text += "# HELP narrate_caption_seconds Seconds from a picture's bytes to its caption.\n"
    text += "# TYPE narrate_caption_seconds histogram\n"
    for (bound, count) in zip(Self.bounds, state.captionBuckets) {
      text += "narrate_caption_seconds_bucket{le=\"\(bound)\"} \(count)\n"
    }
    text += "narrate_caption_seconds_bucket{le=\"+Inf\"} \(state.captionCount)\n"
    text += "narrate_caption_seconds_sum \(state.captionSeconds)\n"
    text += "narrate_caption_seconds_count \(state.captionCount)\n"
    for gauge in gauges {
      text += "# HELP \(gauge.name) \(gauge.help)\n# TYPE \(gauge.name) gauge\n\(gauge.name) \(gauge.value)\n"
    }
    return text
  }
}
