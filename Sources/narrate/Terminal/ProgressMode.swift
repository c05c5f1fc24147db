import ArgumentParser
import Files
import Reports

/// How far the work is shown on standard error.
package enum ProgressMode: String, CaseIterable, ExpressibleByArgument {
  /// A bar, on a terminal only.
  case auto
  /// One JSON object a line.
  case json
  case none
}
