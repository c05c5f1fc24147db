import Language
import Testing

@Suite struct TruthCostsTests {
  private let seen = CaptionTruth.References([
    "a man in a white shirt rides a horse", "a man on a horse", "two people and a brown horse",
  ])
  /// Of three people's.
  private let share = 3 / 4.5

  private func cost(_ caption: String, _ change: (inout TruthCosts) -> Void) -> Double {
    var costs = TruthCosts()
    change(&costs)
    return seen.cost(caption, costs)
  }

  @Test func eachKindCostsItsOwn() {
    let caption = "a woman in a red hat is walking three dogs beside a white cow and a horse"
    #expect(abs(cost(caption) { $0.thing = 1 } - 2 * share) < 1e-9, "dogs and the cow")
    #expect(abs(cost(caption) { $0.sex = 1 } - share) < 1e-9)
    #expect(abs(cost(caption) { $0.color = 1 } - share) < 1e-9, "red, not white")
    #expect(abs(cost(caption) { $0.number = 1 } - share) < 1e-9)
    #expect(abs(cost(caption) { $0.action = 1 } - share) < 1e-9)
    #expect(cost(caption) { _ in } == 0)
  }

  @Test func whatPeopleSayCostsNothing() {
    let costs = { (costs: inout TruthCosts) in
      (costs.thing, costs.sex, costs.color, costs.number, costs.action) = (1, 1, 1, 1, 1)
    }
    #expect(cost("two men are riding a white horse", costs) == 0)
    // A ceiling is nothing that is done.
    #expect(cost("a brown ceiling", costs) == 0)
  }

  /// Nobody says what sex they are: half.
  @Test func aSexThatNobodyTellsCostsHalf() {
    var costs = TruthCosts()
    costs.sex = 1
    let neutral = CaptionTruth.References(["a person", "somebody", "a rider"])
    #expect(abs(neutral.cost("a girl and her dog", costs) - share / 2) < 1e-9)
    #expect(abs(neutral.cost("a girl and a boy", costs) - share) < 1e-9)
    #expect(neutral.cost("a child", costs) == 0)
  }

  /// All name the horse, two of three a man or the rider; what is named twice is worth no more.
  @Test func whatPeopleNameIsWorthTheirShare() {
    #expect(abs(cost("a horse and horses") { $0.mention = 1 } + 1) < 1e-9)
    #expect(abs(cost("a man on a horse and a cow") { $0.mention = 1 } + 2) < 1e-9)
    let seen = CaptionTruth.References(["a dog", "a dog and a cat", "a dog", "grass"])
    var costs = TruthCosts()
    costs.mention = 2
    #expect(abs(seen.cost("a dog beside a cat", costs) + 2 * (0.75 + 0.25)) < 1e-9)
    #expect(seen.cost("a cow", costs) == 0)
  }

  /// One person alone may have left out what is there.
  @Test func fewPeopleAreLessEvidence() {
    var costs = TruthCosts()
    costs.thing = 1
    let one = CaptionTruth.References(["a horse"]).cost("a cow", costs)
    let five = CaptionTruth.References([String](repeating: "a horse", count: 5)).cost("a cow", costs)
    #expect(abs(one - 0.4) < 1e-9 && abs(five - 5 / 6.5) < 1e-9)
  }
}
