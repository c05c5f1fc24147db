import Files
import Narration
import Reports

/// Where a job's inputs come from, a few at a time.
package protocol InputSource: AnyObject {
  /// How many there are; nil where nobody knows yet.
  var total: Int? { get }

  /// The next ones; nil where there are no more. One thread at a time calls it.
  /// - Parameter isWanted: whether somebody still waits for them
  /// - Throws: what ends the run.
  func next(_ isWanted: () -> Bool) throws -> InputBatch?
}

/// Inputs that are described together, and what was gone past to find them.
package struct InputBatch {
  package var inputs: [Input] = []
  package var passed = PassedFiles()
}

/// Files that a run has nothing to do with.
package struct PassedFiles: Equatable {
  /// Described before, by this run or an earlier one.
  package var done = 0
  /// Tried before in vain.
  package var failed = 0
  /// Of another part of all that there is.
  package var elsewhere = 0
  /// Neither pictures nor videos.
  package var other = 0
  /// Of these, the first that are called like one.
  package var namedOnly: [GivenPath] = []

  package var count: Int { done + failed + elsewhere + other }

  package static func += (left: inout PassedFiles, right: PassedFiles) {
    left.done += right.done
    left.failed += right.failed
    left.elsewhere += right.elsewhere
    left.other += right.other
    left.namedOnly += right.namedOnly.prefix(max(0, 3 - left.namedOnly.count))
  }
}

/// Inputs that are all known.
package final class ListedInputs: InputSource {
  private var rest: ArraySlice<Input>
  private let batch: Int
  package let total: Int?

  package init(_ inputs: [Input], batch: Int) {
    (rest, self.batch, total) = (inputs[...], batch, inputs.count)
  }

  package func next(_ isWanted: () -> Bool) -> InputBatch? {
    if rest.isEmpty { return nil }
    defer { rest = rest.dropFirst(batch) }
    return InputBatch(inputs: Array(rest.prefix(batch)))
  }
}
