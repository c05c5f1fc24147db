import Foundation
import TestSupport
import Testing

/// `narrate alt-text`.
@Suite struct AltTextTests {
  private let folder: TemporaryFolder
  private let dog: String

  init() async throws {
    dog = try await Program.dog
    folder = try TemporaryFolder()
    let assets = URL(fileURLWithPath: SummarizeProgram.models).deletingLastPathComponent()
    try FileManager.default.createDirectory(atPath: folder.path("img"), withIntermediateDirectories: true)
    for name in ["dog", "coffee"] {
      try FileManager.default.copyItem(
        atPath: assets.appendingPathComponent("assets/\(name).jpg").path,
        toPath: folder.path("img/\(name).jpg"))
    }
  }

  private func contents(_ name: String) throws -> String {
    try String(contentsOfFile: folder.path(name), encoding: .utf8)
  }

  @Test func pagesAreFilledInPlaceWithABackup() async throws {
    let page = "<p>a</p>\r\n<img src=img/dog.jpg><img alt='' src=img/dog.jpg>\n<img src='https://a/b.jpg'>\n"
    try folder.write(page, "a.html")
    try folder.write("![](img/dog.jpg) ![](img/coffee.jpg)\n\n`![](img/dog.jpg)`", "b.md")
    let before = try folder.contents
    let trial = try await shell("$narrate alt-text a.html b.md --dry-run --sure-only", in: folder)
    #expect(trial.status == 0 && trial.errors.isEmpty)
    #expect(
      trial.output == """
        --- a.html
        +++ a.html
        @@ -1,3 +1,3 @@
         <p>a</p>\r
        -<img src=img/dog.jpg><img alt='' src=img/dog.jpg>
        +<img src=img/dog.jpg alt="\(dog)"><img alt='' src=img/dog.jpg>
         <img src='https://a/b.jpg'>
        --- b.md
        +++ b.md
        @@ -1,3 +1,3 @@
        -![](img/dog.jpg) ![](img/coffee.jpg)
        +![\(dog)](img/dog.jpg) ![](img/coffee.jpg)
         
         `![](img/dog.jpg)`
        \\ No newline at end of file

        """)
    #expect(try folder.contents == before && contents("a.html") == page)

    let result = try await shell("$narrate alt-text a.html a.html b.md --sure-only", in: folder)
    #expect(result.status == 0 && result.errors.isEmpty)
    #expect(result.output == "a.html:2\timg/dog.jpg\t\(dog)\nb.md:1\timg/dog.jpg\t\(dog)\n")
    #expect(try contents("a.html.bak") == page)
    #expect(
      try contents("a.html")
        == page.replacingOccurrences(
          of: "<img src=img/dog.jpg>", with: "<img src=img/dog.jpg alt=\"\(dog)\">"))
    let unsure = try await shell("$narrate alt-text b.md --no-backup", in: folder)
    #expect(unsure.output.hasPrefix("b.md:1\timg/coffee.jpg\tperhaps a white bowl "))
    #expect(
      try folder.contents == before + ["b.md.bak", "a.html.bak"].sorted()
        || folder.contents.count == before.count + 2)
    let again = try await shell("$narrate alt-text a.html b.md", in: folder)
    #expect(again.status == 0 && again.output.isEmpty && again.errors.isEmpty)
    #expect(try folder.contents.count == before.count + 2)
    let decorative = try await shell("$narrate alt-text a.html --decorative-too --max-length 20", in: folder)
    #expect(decorative.output == "a.html:2\timg/dog.jpg\ta brown dog\n" && decorative.status == 0)
  }

  @Test func aPageInAPipe() async throws {
    let result = try await shell("printf '<html><img src=img/dog.jpg>' | $narrate alt-text -", in: folder)
    #expect(result.status == 0 && result.output == "<html><img src=img/dog.jpg alt=\"\(dog)\">")
  }

  /// No model is needed for it.
  @Test func doubtfulTextsAreListed() async throws {
    try folder.write("<img src=a.jpg>\n<img src=b.jpg alt='image of a\tcat'><img src=c.jpg alt=''>", "a.html")
    try folder.write("![a cat](a.jpg)", "b.md")
    let result = try await shell(
      "$narrate alt-text --check a.html b.md", in: folder, environment: ["NARRATE_MODELS": "/"])
    #expect(result.status == 1 && result.errors.isEmpty)
    #expect(
      result.output == "a.html:1\ta.jpg\tno alternative text\t\n"
        + "a.html:2\tb.jpg\tsays that it is a picture\timage of a\\tcat\n")
    #expect(try await shell("$narrate alt-text --check b.md", in: folder).status == 0)
  }

  @Test func whatFailsIsToldAndTheRestDone() async throws {
    try folder.write("<img src=none.jpg><img src=img/dog.jpg><img src=text.jpg><img src=pipe>", "a.html")
    try folder.write("no picture", "text.jpg")
    mkfifo(folder.path("pipe"), 0o600)
    try folder.write("\u{0}", "binary.html")
    let result = try await shell("$narrate alt-text none.html img binary.html a.html", in: folder)
    #expect(result.status == 1 && result.output == "a.html:1\timg/dog.jpg\t\(dog)\n")
    let lines = result.errors.split(separator: "\n").map(String.init)
    #expect(lines.count == 6)
    for line in [
      "narrate: none.html: cannot open: no such file or directory",
      "narrate: img: cannot read: is a directory",
      "narrate: binary.html: is neither HTML nor Markdown in an encoding that has ASCII in it",
      "narrate: none.jpg: no such file or directory", "narrate: pipe: is no file",
    ] { #expect(lines.contains(line), "\(lines)") }
  }

  @Test func aFullDiskAndAPageThatIsReadOnly() async throws {
    let page = "<img src=img/dog.jpg>" + String(repeating: "x", count: 2000)
    try folder.write(page, "a.html")
    try folder.write("<img src=img/dog.jpg>", "b.html")
    try FileManager.default.setAttributes([.posixPermissions: 0o444], ofItemAtPath: folder.path("b.html"))
    let result = try await shell("ulimit -f 1; trap '' XFSZ; $narrate alt-text a.html b.html", in: folder)
    #expect(result.status == 1 && result.output.isEmpty)
    #expect(result.errors == "narrate: a.html: cannot write: file too large\nnarrate: b.html: is read-only\n")
    #expect(try folder.contents == ["a.html", "b.html", "img"] && contents("a.html") == page)
  }
}
