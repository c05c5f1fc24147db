/// What the 400 actions of Kinetics (Kay et al. 2017) are called in other languages: `actions.tsv`, a label a line.
package enum ActionNames {
  /// By English label and language.
  package static let table: [String: [String: String]] = read(
    String(decoding: PackageResources.actions_tsv, as: UTF8.self))

  private static func read(_ text: String) -> [String: [String: String]] {
    var lines = text.split(separator: "\n").map { $0.split(separator: "\t").map(String.init) }[...]
    guard let languages = lines.popFirst() else { return [:] }
    return Dictionary(
      lines.map { names in
        (names[0], Dictionary(zip(languages, names).dropFirst(), uniquingKeysWith: { first, _ in first }))
      }, uniquingKeysWith: { first, _ in first })
  }
}
