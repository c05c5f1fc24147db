import Catalogue
import Files
import Testing

@Suite struct SearchTests {
  @Test func byTextFormsOfAWordAreAlike() throws {
    let test = try TestCatalogue()
    try test.add("a.jpg", "two dogs are running on the beach")
    try test.add("b.jpg", "a dog")
    try test.add("c.jpg", "a cat") { $0.tags = ["tabby", "beach wagon"] }
    try test.add("v.mp4", "a person") { ($0.isVideo, $0.labels) = (true, ["surfing water"]) }
    #expect(try Set(test.found("dog", by: .text)) == ["a.jpg", "b.jpg"])
    #expect(try test.found("a dog that runs", by: .text).first == "a.jpg")
    #expect(try test.found("\"beach wagon\"", by: .text) == ["c.jpg"])
    #expect(try test.found("\"wagon beach\"", by: .text).isEmpty)
    #expect(try test.found("surf", by: .text) == ["v.mp4"])
    #expect(try test.found("the", by: .text) == ["a.jpg"])
    #expect(try test.found("dog", by: .text, limit: 1).count == 1)
    // What means something to FTS5 means nothing here.
    for words in ["", "\"", "*", "NEAR(", "caption:", "dog AND", "-", "OR", "^", "{a}", "'", "dog\u{0}"] {
      _ = try test.found(words)
    }
    #expect(try test.found("NOT dog", by: .text).count == 2)
  }

  @Test func byMeaningWhatPeopleWouldSayIsFound() throws {
    let test = try TestCatalogue()
    try test.add("a.jpg", "an animal", words: [0, 2, -5, -5])
    try test.add("b.jpg", "an animal", words: [0, -1, 3, -5])
    try test.add("c.jpg", "a dog on a beach", words: [-9, -9, -9, -9])
    #expect(try test.found("dogs", by: .meaning) == ["a.jpg", "b.jpg"])
    #expect(try test.found("dog on the beach", by: .meaning) == ["b.jpg", "a.jpg"])
    // A thing's word that is none of the words.
    #expect(try test.found("puppy", by: .meaning) == ["a.jpg", "b.jpg"])
    // Words that nobody knows count where they are written.
    #expect(try test.found("animal", by: .meaning).isEmpty)
    #expect(try Set(test.found("animal")) == ["a.jpg", "b.jpg"])
    let hits = try test.catalogue.search("dog", limit: 9)
    #expect(abs((hits[0].probability ?? 0) - 1 / (1 + 0.1353)) < 0.01)
  }

  @Test func whatPeopleWroteIsCertain() throws {
    let test = try TestCatalogue()
    try test.add("a.jpg", "a dog", words: [0, 3, -9, -9])
    let key = try test.add("b.jpg", "a cat", words: [-9, -9, -9, -9])
    let content = try #require(try test.catalogue.described(key, retriesFailed: false))
    try test.catalogue.judge(content, .edit("my dog Rex"))
    #expect(try test.found("dog") == ["b.jpg", "a.jpg"])
    #expect(try test.found("rex") == ["b.jpg"])
    #expect(try test.found("cat", by: .text).isEmpty)
  }

  /// Blocks hold the same as rows.
  @Test func packingChangesNothing() throws {
    let test = try TestCatalogue()
    for index in 0..<4200 {
      try test.catalogue.add([addition(index, test)], model: test.model)
    }
    let before = try test.catalogue.search("dog beach", limit: 5000, by: .meaning)
    try test.catalogue.pack()
    let after = try test.catalogue.search("dog beach", limit: 5000, by: .meaning)
    #expect(before.count == 4200)
    #expect(before.map(\.entry.content) == after.map(\.entry.content))
    #expect(before.map(\.probability) == after.map(\.probability))
  }

  private func addition(_ index: Int, _ test: TestCatalogue) -> Catalogue.Addition {
    var description = Description()
    description.caption = "a picture"
    description.mean = [1]
    description.words = [0, Float(index % 31) / 8 - 2, Float(index % 17) / 8 - 2, 0]
    let key = ContentKey([UInt8(index & 255), UInt8(index >> 8)])
    return .new(test.file("\(index).jpg"), key, description)
  }

  @Test func lookingAlike() throws {
    let test = try TestCatalogue()
    let key = try test.add("a.jpg", "a", mean: [1, 0, 0])
    try test.add("b.jpg", "b", mean: [0.9, 0.1, 0])
    try test.add("c.jpg", "c", mean: [0, 1, 0])
    let content = try #require(try test.catalogue.described(key, retriesFailed: false))
    let features = try #require(try test.catalogue.features(content))
    #expect(features.mean == [1, 0, 0] && features.model == test.model)
    let found = try test.catalogue.search(
      like: features.mean, model: features.model, besides: content, limit: 9)
    #expect(found.map { test.name($0.entry) } == ["b.jpg", "c.jpg"])
    #expect(abs(found[0].cosine - 0.9939) < 0.001)
  }

  @Test func duplicatesAreGrouped() throws {
    let test = try TestCatalogue()
    try test.add("a.jpg", "a", mean: [1, 0, 0])
    try test.add("small.jpg", "a", mean: [0.999, 0.001, 0]) { ($0.width, $0.height) = (20, 15) }
    // Alike, but of another shape.
    try test.add("cut.jpg", "a", mean: [1, 0, 0]) { ($0.width, $0.height) = (30, 30) }
    let other = try test.add("b.jpg", "b", mean: [0, 1, 0])
    let content = try #require(try test.catalogue.described(other, retriesFailed: false))
    try test.catalogue.add([.known(test.file("b copy.jpg"), content: content)], model: nil)
    let groups = try test.catalogue.duplicates(cosine: 0.99).map { group in
      Set(group.flatMap(\.paths).compactMap { $0.location.lastComponent?.string })
    }
    #expect(Set(groups) == [["a.jpg", "small.jpg"], ["b.jpg", "b copy.jpg"]])
  }
}
