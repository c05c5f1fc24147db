import Files
import Foundation
import Metadata
import TestSupport
import Testing

/// The pictures of pages, and where their texts go.
@Suite struct PagesTests {
  private func page(_ text: String, _ name: String) throws -> Page {
    try Page(Array(text.utf8), path: GivenPath(name))
  }

  /// The page with `T` for each missing text.
  private func filled(_ text: String, _ name: String, decorative: Bool = false) throws -> String {
    let page = try self.page(text, name)
    let texts = page.images.enumerated().filter { $1.lacksText || (decorative && $1.isDecorative) }
    return String(
      decoding: page.replacing(Dictionary(uniqueKeysWithValues: texts.map { ($0.offset, "T\"&<") })),
      as: UTF8.self)
  }

  /// What each becomes; what stands alone stays.
  private static let html: [(String, String)] = [
    (#"<img src="a.jpg">"#, #"<img src="a.jpg" alt="T&quot;&amp;&lt;">"#),
    (#"<IMG SRC=a.jpg>"#, #"<IMG SRC=a.jpg alt="T&quot;&amp;&lt;">"#),
    (#"<img class='x' src = 'a.jpg' />"#, #"<img class='x' src = 'a.jpg' alt="T&quot;&amp;&lt;" />"#),
    (#"<img src="a.jpg" alt=" ">"#, #"<img src="a.jpg" alt="T&quot;&amp;&lt;">"#),
    ("<img\n  src=\"a.jpg\"\r\n  ALT='\t'\n>", "<img\n  src=\"a.jpg\"\r\n  alt=\"T&quot;&amp;&lt;\"\n>"),
    (#"<img src="a>b.jpg" title="1 > 0">"#, #"<img src="a>b.jpg" alt="T&quot;&amp;&lt;" title="1 > 0">"#),
    (#"<img/src="a.jpg"/>"#, #"<img/src="a.jpg" alt="T&quot;&amp;&lt;"/>"#),
    (#"<img data-alt="" src="a.jpg">"#, #"<img data-alt="" src="a.jpg" alt="T&quot;&amp;&lt;">"#),
    (#"<!--><img src="a.jpg">"#, #"<!--><img src="a.jpg" alt="T&quot;&amp;&lt;">"#),
    (#"<pre><img src="a.jpg"></pre>"#, #"<pre><img src="a.jpg" alt="T&quot;&amp;&lt;"></pre>"#),
    (
      #"<script>a<!--<script></script><img src="b">--></script><img src="a.jpg">"#,
      #"<script>a<!--<script></script><img src="b">--></script><img src="a.jpg" alt="T&quot;&amp;&lt;">"#
    ),
    (#"a < b <img src="a.jpg"> "#, #"a < b <img src="a.jpg" alt="T&quot;&amp;&lt;"> "#),
  ]

  private static let htmlThatStays = [
    #"<img src="a.jpg" alt="">"#, #"<img src="a.jpg" alt>"#, #"<img alt='' src="a.jpg" alt=" ">"#,
    #"<img src="a.jpg" alt="a dog">"#, #"<!-- <img src="a.jpg"> -->"#,
    #"<script>"<img src='a.jpg'>"</script>"#,
    #"<style><img src="a.jpg"></style>"#, #"<textarea><img src="a.jpg"></textarea>"#,
    #"<title><img src="a.jpg"></TITLE>"#, #"<imgs src="a.jpg">"#, #"<p title="<img src='a.jpg'>">"#,
    #"<img src="a.jpg""#, "<!-- <img src=a>", "", "\u{FEFF}", "<", "</", "<img", "<!", "<!--", "<script>",
    "<plaintext><img src=a.jpg>", #"</img src="a.jpg">"#, "<?php <img src=a.jpg ?>",
  ]

  @Test func htmlIsFilledAndNothingElseChanges() throws {
    for (before, after) in Self.html {
      #expect(try filled(before, "a.html") == after)
      #expect(try filled(before + before, "a.html") == after + after)
    }
    for text in Self.htmlThatStays { #expect(try filled(text, "a.html") == text) }
    #expect(try filled(#"<img src="a.jpg" alt="">"#, "a.html", decorative: true) == Self.html[0].1)
    #expect(try filled(#"<img src="a.jpg" alt>"#, "a.html", decorative: true) == Self.html[0].1)
  }

  private static let markdown: [(String, String)] = [
    ("![](a.jpg)", "![T](a.jpg)"), ("![ ](a.jpg \"t\")", "![T](a.jpg \"t\")"),
    ("[![](a.jpg)](b)", "[![T](a.jpg)](b)"),
    ("![](<a b.jpg>)", "![T](<a b.jpg>)"), ("![][r]\n\n[r]: a.jpg", "![T][r]\n\n[r]: a.jpg"),
    ("> - ![](a.jpg)\n>   ![](b.jpg)", "> - ![T](a.jpg)\n>   ![T](b.jpg)"),
    ("| a | ![](a.jpg) |\n|---|---|", "| a | ![T](a.jpg) |\n|---|---|"),
    ("# ![](a.jpg)\r\ntext\r\n", "# ![T](a.jpg)\r\ntext\r\n"),
    ("1. a\n\n   ![](a.jpg)", "1. a\n\n   ![T](a.jpg)"),
    ("---\na: '![](x)'\n---\n![](a.jpg)", "---\na: '![](x)'\n---\n![T](a.jpg)"),
    ("a `![](x)` ![](a.jpg)", "a `![](x)` ![T](a.jpg)"), ("a ` ![](a.jpg)", "a ` ![T](a.jpg)"),
    ("```\n![](x)\n```\n![](a.jpg)", "```\n![](x)\n```\n![T](a.jpg)"),
    ("<div>\n![](x)\n\n![](a.jpg)\n</div>", "<div>\n![](x)\n\n![T](a.jpg)\n</div>"),
    ("\\\\![](a.jpg)", "\\\\![T](a.jpg)"),
  ]

  private static let markdownThatStays = [
    "![a](b.jpg)", "`![](a.jpg)`", "    ![](a.jpg)", "~~~\n![](a.jpg)\n~~~", "```\n![](a.jpg)",
    "\\![](a.jpg)", "!\\[](a.jpg)",
    "<!-- ![](a.jpg) -->", "<pre>\n![](a.jpg)\n\n![](b.jpg)\n</pre>", "![][r]", "! [](a.jpg)", "![](a b.jpg)",
    "![", "![](",
    "- a\n\n      ![](a.jpg)", "<!--\n\n![](a.jpg)\n\n-->", "``` ` ```\n", "<a href=\"![](x)\">",
  ]

  @Test func markdownIsFilledAndNothingElseChanges() throws {
    func filled(_ text: String) throws -> String {
      let page = try self.page(text, "a.md")
      let texts = page.images.enumerated().filter { $1.lacksText }.map { ($0.offset, "T") }
      return String(decoding: page.replacing(Dictionary(uniqueKeysWithValues: texts)), as: UTF8.self)
    }
    for (before, after) in Self.markdown {
      #expect(try filled(before) == after)
      #expect(try filled(before + "\n\n" + before) == after + "\n\n" + after || before.hasPrefix("---"))
    }
    for text in Self.markdownThatStays { #expect(try filled(text) == text) }
    #expect(try filled("<p>\n<img src=\"a.jpg\">\n</p>") == "<p>\n<img src=\"a.jpg\" alt=\"T\">\n</p>")
    #expect(try filled("> text <img src=a.jpg> text") == "> text <img src=a.jpg alt=\"T\"> text")
    #expect(try filled("<img src=\"a.jpg\" alt=\"\">") == "<img src=\"a.jpg\" alt=\"\">")
    #expect(try page("![a\\]b &amp; c](x.jpg)", "a.md").images.map(\.text) == ["a]b & c"])
  }

  @Test func whereThePicturesAre() throws {
    func places(_ source: String, root: String? = nil, head: String = "") throws -> [String?] {
      let page = try self.page("<html>\(head)<img src=\"\(source)\">", "site/a/page.txt")
      return page.images.map { page.location(of: $0, root: root.map { GivenPath($0) })?.text }
    }
    #expect(try places("dog.jpg") == ["site/a/dog.jpg"])
    #expect(try places(" ../b%20c.jpg?v=1#x\n") == ["site/a/../b c.jpg"])
    #expect(try places("a&amp;b&#x41;.jpg") == ["site/a/a&bA.jpg"])
    for elsewhere in [
      "https://a/b.jpg", "//a/b.jpg", "data:image/png;base64,AA", "", "#x", "{{ a }}.jpg", "/b.jpg",
    ] {
      #expect(try places(elsewhere) == [nil], "\(elsewhere)")
    }
    #expect(try places("/b.jpg", root: "site") == ["site/b.jpg"])
    #expect(try places("b.jpg", head: "<base href=\"../img/\">") == ["site/a/../img/b.jpg"])
    #expect(try places("b.jpg", head: "<base href=\"https://a/\">") == [nil])
    let bytes = Array("![](".utf8) + [0xFC] + Array(".jpg)".utf8)
    let page = try Page(bytes, path: GivenPath("p.md"))
    #expect(page.location(of: page.images[0], root: nil)?.bytes == [0xFC] + Array(".jpg".utf8))
    #expect(throws: MetadataError.self) { try self.page("<\0h\0t\0m\0l\0", "a.html") }
  }

  @Test func doubtfulTexts() throws {
    func doubts(_ html: String) throws -> [[AltTextDoubt]] { try page(html, "a.html").doubts }
    func doubts(_ text: String, of source: String) throws -> [AltTextDoubt] {
      try doubts("<img src=\"\(source)\" alt=\"\(text)\">")[0]
    }
    #expect(try doubts("<img src=a.jpg><img src=b.jpg alt=''>") == [[.missing], []])
    for text in ["dog.JPG", "IMG_1234", "dsc00012", "other.png", "Screenshot 2024-01-02", "my-dog_1"] {
      #expect(
        try doubts(text, of: text == "my-dog_1" ? "i/my-dog_1.jpg" : "dog.jpg") == [.fileName], "\(text)")
    }
    #expect(try doubts("dog", of: "dog.jpg").isEmpty && doubts("a dog in the image", of: "d.jpg").isEmpty)
    #expect(try doubts("Image of a dog", of: "d.jpg") == [.announcement])
    #expect(try doubts("image", of: "d.jpg") == [.placeholder])
    #expect(try doubts(String(repeating: "ab ", count: 50) + "c", of: "d.jpg") == [.tooLong(151)])
    #expect(try doubts(String(repeating: "ab ", count: 50), of: "d.jpg").isEmpty)
    #expect(
      try doubts("<img src=a alt='a dog'>\n<img src=b alt='A  dog'><img src=a alt='a dog'>")
        == [[], [.doubled(line: 1)], []])
    #expect(try page("![](a.jpg)\n\n![IMG_1](a.jpg)", "a.md").doubts == [[.missing], [.fileName]])
  }

  /// `patch` makes the new page of the old one and the difference.
  @Test func theDifferenceIsOneThatProgramsRead() throws {
    let folder = try TemporaryFolder()
    var lines = (1...60).map { $0 % 2 == 0 ? "<p>\($0)</p>" : "<img src=\($0).jpg>\r" }
    for end in ["", "\n"] {
      let old = lines.joined(separator: "\n") + end
      let page = try self.page(old, "a.html")
      for texts in [[0: "a"], [29: "a"], [0: "a", 1: "b", 6: "c", 29: "d"]] {
        try folder.write(old, "a.html")
        let new = page.replacing(texts)
        try folder.write(PageDiff.unified(page.bytes, new, name: Array("a.html".utf8)), "d.diff")
        let patch = Process()
        patch.executableURL = URL(fileURLWithPath: "/usr/bin/patch")
        patch.arguments = ["-s", "--binary", folder.path("a.html"), folder.path("d.diff")]
        guard FileManager.default.isExecutableFile(atPath: "/usr/bin/patch") else { return }
        try patch.run()
        patch.waitUntilExit()
        #expect(patch.terminationStatus == 0)
        #expect(try Array(Data(contentsOf: URL(fileURLWithPath: folder.path("a.html")))) == new)
      }
      #expect(PageDiff.unified(page.bytes, page.bytes, name: []).isEmpty)
      lines.append("<img src=last.jpg>")
    }
  }

  @Test func backupsAreThePageItself() throws {
    let folder = try TemporaryFolder()
    try folder.write("old", "a.html")
    try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: folder.path("a.html"))
    let page = GivenPath(folder.path("a.html"))
    for name in ["a.html.bak", "a.html.bak-2"] {
      try Page(Array("x".utf8), path: page).write(Array("new".utf8), backsUp: true)
      #expect(
        try String(contentsOfFile: folder.path(name), encoding: .utf8)
          == (name.hasSuffix("2") ? "new" : "old"))
      let rights =
        try FileManager.default.attributesOfItem(atPath: folder.path(name))[.posixPermissions] as? Int
      #expect(rights == 0o600)
    }
    #expect(try folder.contents == ["a.html", "a.html.bak", "a.html.bak-2"])
    try FileManager.default.setAttributes([.posixPermissions: 0o400], ofItemAtPath: folder.path("a.html"))
    #expect(throws: MetadataError.self) { try Page([], path: page).write([1], backsUp: true) }
    #expect(try folder.contents.count == 3)
  }
}

/// Pages that begin things and never end them, which must not take a time that grows with the square of their length.
@Test(
  arguments: [
    "![", "`", "``` ` ", "<!--", "<a ", "![](", "[", "![][", "> ", "- ", "<", "<div>\n", "![](a.jpg)\n", "\\",
    "a\n", "[a]: b\n", "&", "<img ", "(",
    "<script><!--", "![](<", "[a](\"",
  ])
func unfinishedPagesAreRead(part: String) throws {
  let text = String(repeating: part, count: (64 << 10) / part.utf8.count)
  // Of this thread alone: others test at the same time.
  func seconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }
  let start = seconds()
  for name in ["a.md", "a.html"] {
    let page = try Page(Array(text.utf8), path: GivenPath(name))
    #expect(page.replacing([:]) == page.bytes)
    #expect(page.doubts.count == page.images.count)
  }
  #expect(seconds() - start < 20)
}
