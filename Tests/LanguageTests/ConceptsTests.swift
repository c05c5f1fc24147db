import Language
import Testing

@Suite struct ConceptsTests {
  private let captions = [
    ["a man rides a brown horse", "a rider on a horse"], ["a brown horse on grass", "two horses eat grass"],
    ["traffic lights on the left"], ["the man sits"],
  ]

  @Test func thingsSexesAndWordsAreConcepts() {
    let concepts = Concepts(captions, pictures: 2)
    // Words of grammar are none, nor what changes in a mirror.
    #expect(concepts.words == ["brown", "horse", "man"])
    #expect(concepts.count == 77 + 2 + 3)
    let things = concepts.things.things
    let said = concepts.said(by: "A man on a brown HORSE.")
    let named = Set(["person", "horse"].compactMap { things.firstIndex(of: $0) })
    let words = Set(["brown", "horse", "man"].compactMap { concepts.index(ofWord: $0) })
    #expect(said == named.union(words).union([concepts.index(of: .male)]))
    #expect(Set(things.indices).isDisjoint(with: words) && concepts.index(of: .male) == 77)
    // A word of two things is neither.
    #expect(concepts.said(by: "traffic") == [])
  }

  @Test func sharesAreThoseOfThePicturesCaptions() throws {
    let concepts = Concepts(captions, pictures: 1)
    let shares = concepts.shares(of: captions[0])
    let horse = try #require(concepts.index(ofWord: "horse"))
    let brown = try #require(concepts.index(ofWord: "brown"))
    #expect(shares[horse] == 1 && shares[brown] == 0.5 && shares[concepts.index(of: .female)] == nil)
    #expect(concepts.index(ofWord: "left") == nil)
  }

  @Test func rareWordsAreLeftOut() {
    let many = (0..<9).map { number in number == 0 ? ["und ein hund"] : number < 4 ? ["und ein"] : ["und"] }
    #expect(Concepts(many, pictures: 2).words == ["ein", "und"])
    #expect(Concepts(many, pictures: 9).words == ["und"])
  }

  @Test func aTableComesBackAsItWasWritten() throws {
    #expect(try ObjectWords(ObjectWords.english.text) == .english)
    let table = try ObjectWords("hot dog: hot dog, sausage\n: toy car\ndog: dog, dogs")
    #expect(try ObjectWords(table.text) == table)
  }
}
