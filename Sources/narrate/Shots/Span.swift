import ArgumentParser

/// A length of time as people write it: `90`, `90s`, `1m30s`, `1h`.
struct Span: ExpressibleByArgument {
  let seconds: Double

  /// From a tenth of a second to a day.
  private static let range = 0.1...86_400

  init?(argument: String) {
    let match = argument.wholeMatch(
      of: /(?:(\d+(?:\.\d+)?)h)?(?:(\d+(?:\.\d+)?)m)?(?:(\d+(?:\.\d+)?)s?)?/)
    guard let match, !argument.isEmpty else { return nil }
    let parts = [match.1, match.2, match.3].map { $0.flatMap { Double($0) } ?? 0 }
    seconds = parts[0] * 3600 + parts[1] * 60 + parts[2]
    guard Self.range.contains(seconds) else { return nil }
  }
}
