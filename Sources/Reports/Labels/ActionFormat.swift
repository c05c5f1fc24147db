/// How labels are printed.
package enum ActionFormat: String, CaseIterable, Sendable {
  /// One line a segment: path, start and end between tabs, and the labels with their probabilities.
  case text
  /// One array of objects.
  case json
  /// One object a line.
  case jsonl
}
