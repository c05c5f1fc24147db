import Foundation
import TestSupport
import Testing

/// `narrate library` with the models of this repository.
@Suite struct LibraryTests {
  private let folder = try! TemporaryFolder()
  private static let assets = URL(fileURLWithPath: SummarizeProgram.models).deletingLastPathComponent()
    .appendingPathComponent("assets")

  init() throws {
    for name in ["dog.jpg", "cat.jpg", "coffee.jpg"] {
      try folder.write(try Data(contentsOf: Self.assets.appendingPathComponent(name)), "photos/\(name)")
    }
  }

  private func library(_ line: String, input: String = "/dev/null") async throws -> Program.Outcome {
    try await shell("$narrate library \(line) < \(input)", in: folder)
  }

  @Test func addsFindsAndFollows() async throws {
    try folder.write("no picture", "photos/notes.txt")
    try folder.write([0xFF, 0xD8, 0xFF, 0xE0, 0, 4, 0, 0], "photos/broken.jpg")
    var result = try await library("add photos")
    #expect(result.status == 1)
    #expect(result.output == "3 added, 0 known, 0 unchanged, 0 gone, 1 failed\n")
    #expect(result.errors.contains("photos/broken.jpg: ") && result.errors.split(separator: "\n").count == 1)

    // From the folder, or by name.
    result = try await shell("cd photos && $narrate library search dog --limit 1", in: folder)
    let sentence = try await Program.dog
    #expect(result.output == "dog.jpg\t\(sentence)\n")
    result = try await library("search 'a cup of coffee' --limit 1 --catalogue photos/narrate.sqlite")
    #expect(result.output.hasPrefix("photos/coffee.jpg\t"))

    // Nothing is described twice: copied, moved, gone.
    let photos = folder.url.appendingPathComponent("photos")
    try FileManager.default.copyItem(
      at: photos.appendingPathComponent("dog.jpg"), to: photos.appendingPathComponent("dog 2.jpg"))
    try FileManager.default.createDirectory(
      at: photos.appendingPathComponent("new"), withIntermediateDirectories: true)
    try FileManager.default.moveItem(
      at: photos.appendingPathComponent("cat.jpg"), to: photos.appendingPathComponent("new/cat.jpg"))
    try FileManager.default.removeItem(at: photos.appendingPathComponent("coffee.jpg"))
    result = try await library("add photos")
    #expect(result.output == "0 added, 2 known, 2 unchanged, 2 gone, 0 failed\n")
    #expect(result.status == 0 && result.errors.isEmpty)
    result = try await library("search cat --limit 1 --format jsonl --catalogue photos/narrate.sqlite")
    #expect(result.output.contains("\"paths\":[\"photos/new/cat.jpg\"]"))
    result = try await library("search coffee --by text --catalogue photos/narrate.sqlite")
    #expect(result.output.isEmpty && result.status == 0)
    result = try await library("duplicates --catalogue photos/narrate.sqlite")
    #expect(result.output == "photos/dog 2.jpg\nphotos/dog.jpg\n")
    result = try await library("add photos --retry-failed")
    #expect(result.output == "0 added, 0 known, 3 unchanged, 0 gone, 1 failed\n")
  }

  @Test func looksReviewsAndExports() async throws {
    _ = try await library("add photos")
    let place = "--catalogue photos/narrate.sqlite"
    // By looks: a picture that is there, and one that is not.
    var result = try await library("search --like photos/dog.jpg --limit 1 \(place)")
    #expect(result.status == 0 && !result.output.hasPrefix("photos/dog.jpg"))
    try folder.write(
      try Data(contentsOf: Self.assets.appendingPathComponent("dog.jpg")) + Data([0]), "other.jpg")
    result = try await library("search --like other.jpg --limit 1 --format jsonl \(place)")
    #expect(result.output.contains("\"photos/dog.jpg\"") && result.output.contains("\"similarity\":1"))
    result = try await library("search --like none.jpg \(place)")
    #expect(result.status == 1 && result.errors == "narrate: none.jpg: no such file or directory\n")

    try folder.write("e espresso\nu\ne\nx\ne my = \"espresso\"\n\nd\n", "answers")
    result = try await library("review \(place)", input: "answers")
    #expect(result.output.hasSuffix("3 answered, 0 left\n") && result.status == 0)
    result = try await library("search espresso --limit 1 \(place)")
    #expect(result.output == "photos/coffee.jpg\tmy = \"espresso\"\n")
    result = try await library("review \(place)", input: "answers")
    #expect(result.output == "\n0 answered, 0 left\n")

    result = try await library("export \(place)")
    #expect(result.output.split(separator: "\n").count == 3)
    #expect(result.output.contains("\"caption\":\"my = \\\"espresso\\\"\",\"source\":\"human\""))
    result = try await library("export --format csv --output out.csv \(place)")
    let table = try String(contentsOfFile: folder.path("out.csv"), encoding: .utf8)
    #expect(table.hasPrefix("path,caption,source,") && table.contains("\"my = \"\"espresso\"\"\",human,"))
    result = try await library("export --format html --output page \(place)")
    #expect(result.status == 0)
    let page = try String(contentsOfFile: folder.path("page/index.html"), encoding: .utf8)
    #expect(page.contains("my = &quot;espresso&quot;") && page.contains("src=\"pictures/1.jpg\""))
    #expect(try folder.contents(of: "page/pictures") == ["1.jpg", "2.jpg", "3.jpg"])
    result = try await library("export --format html --output page \(place)")
    #expect(result.status == 64)
  }

  @Test func badUseIsOneLine() async throws {
    try folder.write("a text", "notes.txt")
    for (line, status) in [
      ("search dog", 64), ("search dog --catalogue notes.txt", 65), ("add", 64),
      ("add photos --catalogue photos/dog.jpg", 64), ("search", 64), ("search dog --like a.jpg", 64),
      ("add photos --catalogue /proc/none/c.sqlite", 74), ("export --format html", 64),
      ("review --below 2", 64), ("duplicates --similarity 0", 64), ("search a --limit 0", 64),
      ("add none", 1),
    ] {
      let result = try await library(line)
      #expect(result.status == status, "\(line): \(result)")
      #expect(!result.errors.isEmpty, "\(line)")
    }
    #expect(
      try Data(contentsOf: folder.url.appendingPathComponent("photos/dog.jpg"))
        == Data(contentsOf: Self.assets.appendingPathComponent("dog.jpg")))
  }
}
