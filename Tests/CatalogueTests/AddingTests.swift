import Catalogue
import Files
import Foundation
import Testing

@Suite struct AddingTests {
  @Test func whatIsThereIsKnown() throws {
    let test = try TestCatalogue()
    let key = try test.add("a.jpg", "a dog")
    let file = test.file("a.jpg")
    #expect(try test.catalogue.isKnown(file, retriesFailed: false))
    #expect(try !test.catalogue.isKnown(test.file("a.jpg", modified: 2), retriesFailed: false))
    #expect(try !test.catalogue.isKnown(test.file("b.jpg"), retriesFailed: false))
    let content = try #require(try test.catalogue.described(key, retriesFailed: true))
    #expect(try test.catalogue.described(ContentKey([99]), retriesFailed: false) == nil)
    // A copy is the same content.
    try test.catalogue.add([.known(test.file("b.jpg"), content: content)], model: nil)
    let entry = try #require(try test.catalogue.entry(content))
    #expect(entry.paths.count == 2 && entry.caption == "a dog" && !entry.isHuman)
    #expect(entry.model == "small" && entry.width == 40 && entry.height == 30 && entry.confidence == 0.5)
  }

  @Test func whatWentIsMarkedAndComesBack() throws {
    let test = try TestCatalogue()
    try test.add("photos/a.jpg", "a dog")
    try test.add("photos/b.jpg", "a cat")
    try test.add("photos2/c.jpg", "a horse")
    let photos = GivenPath(test.folder.path("photos"))
    let seen = Set([test.catalogue.mark(test.file("photos/b.jpg").path)])
    #expect(try test.catalogue.markGone(in: [photos], except: seen) == 1)
    #expect(try test.found("dog", by: .text).isEmpty)
    #expect(try test.found("cat", by: .text) == ["b.jpg"])
    #expect(try test.found("horse", by: .text) == ["c.jpg"])
    let counts = try test.catalogue.counts()
    #expect(counts.contents == 3 && counts.files == 2 && counts.gone == 1 && counts.failed == 0)
    // Moved: the same bytes elsewhere.
    let content = try #require(try test.catalogue.described(ContentKey([1, 0]), retriesFailed: false))
    try test.catalogue.add([.known(test.file("moved.jpg"), content: content)], model: nil)
    #expect(try test.found("dog", by: .text) == ["moved.jpg"])
  }

  @Test func failuresAreRememberedAndTriedAgain() throws {
    let test = try TestCatalogue()
    let key = try test.add("a.jpg", "", words: [], mean: []) {
      $0.caption = nil
      $0.failure = ("undecodable", "cannot be decoded")
    }
    #expect(try test.catalogue.isKnown(test.file("a.jpg"), retriesFailed: false))
    #expect(try !test.catalogue.isKnown(test.file("a.jpg"), retriesFailed: true))
    #expect(try test.catalogue.described(key, retriesFailed: true) == nil)
    #expect(try test.catalogue.counts().failed == 1)
    try test.add("a.jpg", "a dog", key: key)
    #expect(try test.found("dog", by: .text) == ["a.jpg"])
    let counts = try test.catalogue.counts()
    #expect(counts.contents == 1 && counts.files == 1 && counts.failed == 0 && counts.human == 0)
  }

  @Test func filesBelowTheCatalogueMoveWithIt() throws {
    let test = try TestCatalogue()
    try test.folder.write([], "one/placeholder")
    let first = GivenPath(test.folder.path("one/narrate.sqlite"))
    let inside = FoundFile(path: GivenPath(test.folder.path("one/p/a.jpg")), size: 1, modified: 1)
    let outside = FoundFile(path: GivenPath("/elsewhere/b.jpg"), size: 1, modified: 1)
    do {
      let catalogue = try Catalogue(first, .creating)
      var description = Description()
      description.caption = "a dog"
      try catalogue.add(
        [.new(inside, ContentKey([1]), description), .new(outside, ContentKey([2]), description)], model: nil)
    }
    #expect(rename(test.folder.path("one"), test.folder.path("two")) == 0)
    let moved = try Catalogue(GivenPath(test.folder.path("two/narrate.sqlite")))
    let paths = try moved.search("dog", limit: 5, by: .text).flatMap(\.entry.paths).map(\.text)
    #expect(paths == [test.folder.path("two/p/a.jpg"), "/elsewhere/b.jpg"])
  }
}
