import Catalogue
import Files
import Testing

@Suite struct ReviewTests {
  @Test func leastSureFirst() throws {
    let test = try TestCatalogue()
    for (name, confidence) in [("a.jpg", 0.9), ("b.jpg", 0.1), ("c.jpg", 0.4)] {
      try test.add(name, "a dog", confidence: confidence)
    }
    let all = try test.catalogue.toReview(below: 0.5, limit: 9)
    #expect(try all.map { test.name(try #require(try test.catalogue.entry($0))) } == ["b.jpg", "c.jpg"])
    try test.catalogue.judge(all[0], .accept)
    #expect(try test.catalogue.toReview(below: 0.5, limit: 9) == [all[1]])
  }

  @Test func answersAndUndo() throws {
    let test = try TestCatalogue()
    let key = try test.add("a.jpg", "a dog")
    let content = try #require(try test.catalogue.described(key, retriesFailed: false))
    func entry() throws -> Entry { try #require(try test.catalogue.entry(content)) }
    let accepted = try test.catalogue.judge(content, .accept)
    #expect(try entry().isHuman && entry().caption == "a dog")
    let edited = try test.catalogue.judge(content, .edit("a wolf"))
    #expect(try entry().caption == "a wolf" && entry().machineCaption == "a dog" && entry().isHuman)
    #expect(try test.found("wolf", by: .text) == ["a.jpg"] && test.found("dog", by: .text).isEmpty)
    let dropped = try test.catalogue.judge(content, .drop)
    #expect(try entry().caption == nil && !entry().isHuman)
    #expect(try test.found("wolf", by: .text).isEmpty)
    #expect(try test.catalogue.undo(dropped) == content)
    #expect(try entry().caption == "a wolf")
    #expect(try test.found("wolf", by: .text) == ["a.jpg"])
    #expect(try test.catalogue.undo(edited) == content)
    #expect(try test.catalogue.undo(accepted) == content)
    #expect(try entry().caption == "a dog" && !entry().isHuman)
    #expect(try test.catalogue.undo(accepted) == nil)
    #expect(try test.found("dog", by: .text) == ["a.jpg"])
  }

  /// What a model says later takes nobody's place, and a failure no caption's.
  @Test func whatWasSaidStays() throws {
    let test = try TestCatalogue()
    let key = try test.add("a.jpg", "a dog")
    let content = try #require(try test.catalogue.described(key, retriesFailed: false))
    func entry() throws -> Entry { try #require(try test.catalogue.entry(content)) }
    try test.catalogue.judge(content, .accept)
    try test.add("b.jpg", "a fox", key: key)
    try test.add("c.jpg", "", key: key) { ($0.caption, $0.failure) = (nil, ("undecodable", "killed")) }
    #expect(try entry().caption == "a dog" && entry().paths.count == 3 && entry().errorKind == nil)
    #expect(try test.found("dog", by: .text) == ["a.jpg"] && test.found("fox", by: .text).isEmpty)
  }
}
