import Models

/// A style that a model has not learned.
package struct StyleError: Error, CustomStringConvertible, Equatable {
  /// What was asked for.
  package let style: String
  /// The model's name.
  package let model: String
  /// What the model has learned; empty where it knows one way of writing, which has no name.
  package let known: [String]
  /// One sentence.
  package var description: String {
    let rest = known.isEmpty ? "it knows one" : "there are: " + known.joined(separator: ", ")
    return "no style \(style) in \(model); \(rest)"
  }

  /// The index of a style among those that a model has learned; nil is the first.
  package static func index(
    of style: String?, in known: [String], model: String
  ) throws(StyleError) -> Int {
    guard let style else { return 0 }
    guard let index = known.firstIndex(of: style) else {
      throw StyleError(style: style, model: model, known: known)
    }
    return index
  }
}
