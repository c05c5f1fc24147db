/// What words of a caption cost that none of the people said who described the picture, in units of CIDEr-D: the other side of
/// self-critical training's reward, since CIDEr rewards saying what is usually said.
///
/// Each is what the word costs where many people describe the picture. Of few, nobody may have mentioned what is there.
package struct TruthCosts: Sendable, Equatable {
  /// Of a word for a thing: see `ObjectWords`.
  package var thing = 0.0
  /// Of speaking of men where people speak of women, or the other way round; half of it where they speak of neither.
  package var sex = 0.0
  package var color = 0.0
  /// Of a number from two to ten.
  package var number = 0.0
  /// Of a word that says what is being done.
  package var action = 0.0
  /// What a thing is worth that everybody names; by their share if not everybody does. Without it a network becomes true by
  /// saying little.
  package var mention = 0.0
  /// Of three words in a row that nobody writes, with or without qualifiers, see `PhraseTable`: a matter of sense.
  package var phrase = 0.0

  package init() {}

  package var areNone: Bool { self == TruthCosts() }

  /// As many people as make half of the cost due.
  fileprivate static let halfEvidence = 1.5
}

extension CaptionTruth.References {
  /// What a caption costs; below 0 where what it names is worth more.
  package func cost(_ caption: String, _ costs: TruthCosts) -> Double {
    let said = table.words(of: caption)
    let mine = Set(said)
    var cost = costs.thing * Double(unseen(said).count)
    for sex in Sex.allCases where !mine.isDisjoint(with: sex.words) && words.isDisjoint(with: sex.words) {
      cost += words.isDisjoint(with: sex.other.words) ? costs.sex / 2 : costs.sex
    }
    let unsaid = mine.subtracting(words)
    cost += costs.color * Double(unsaid.intersection(English.colors).count)
    cost += costs.number * Double(unsaid.intersection(English.numbers).count)
    if costs.action > 0 {
      cost +=
        costs.action
        * Double(
          unsaid.count { word in
            English.actionStem(word).map { stem in !words.contains { $0.hasPrefix(stem) } } ?? false
          })
    }
    let gain = costs.mention * Set(said.map(table.things(of:))).reduce(0) { $0 + share(naming: $1) }
    return cost * Double(count) / (Double(count) + TruthCosts.halfEvidence) - gain
  }
}
