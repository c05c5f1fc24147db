import Models

/// An option with a value that it cannot have.
package struct OptionError: Error, CustomStringConvertible, Equatable {
  /// The option's name.
  package let option: String
  /// What is wrong with it.
  package let reason: String
  /// One sentence.
  package var description: String { "\(option): \(reason)" }

  /// - Throws: if the value is out of the range, or no number.
  package static func check<Value: Comparable & Sendable>(
    _ value: Value, in range: ClosedRange<Value>, _ option: String
  ) throws(OptionError) {
    guard range.contains(value) else {
      throw OptionError(
        option: option, reason: "takes \(range.lowerBound) to \(range.upperBound), not \(value)")
    }
  }
}

/// As many threads as can be had of those asked for: from 1 to 1024.
func usableThreads(_ asked: Int) -> Int { min(max(1, asked), 1024) }
