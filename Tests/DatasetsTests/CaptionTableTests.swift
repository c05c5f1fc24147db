import Datasets
import Files
import Foundation
import TestSupport
import Testing

@Suite struct CaptionTableTests {
  let folder = try! TemporaryFolder()

  private func load(_ text: String) throws -> CaptionDataset {
    try load(Array(text.utf8))
  }

  private func load(_ bytes: [UInt8]) throws -> CaptionDataset {
    try folder.write(bytes, "captions.tsv")
    return try CaptionDataset(at: folder.url)
  }

  /// The error's line without the path in front, which must be that of the table.
  private func complaint(_ bytes: [UInt8], _ kind: DataError.Kind = .damaged) -> String {
    do {
      _ = try load(bytes)
    } catch let error as DataError {
      #expect(error.path == folder.path("captions.tsv") && error.kind == kind)
      #expect(!error.description.contains("\n"))
      return String(error.description.dropFirst(error.path.count + 2))
    } catch {
      return "\(error)"
    }
    return "no error"
  }

  private func complaint(_ text: String, _ kind: DataError.Kind = .damaged) -> String {
    complaint(Array(text.utf8), kind)
  }

  @Test func readsCaptionsInFileOrderAndPicturesByName() throws {
    let set = try load(
      "image\tsplit\tcaption\nb.jpg\ttrain\tsecond \"quoted\nb.jpg\ttrain\ta\"b\na.jpg\tval\tun café\nb.jpg\ttrain\tlast"
    )
    #expect(set.examples.map(\.id) == ["a.jpg", "b.jpg"])
    #expect(set.examples.map(\.split) == ["val", "train"])
    #expect(set.examples[0].captions == ["un café"])
    #expect(set.examples[1].captions == ["second \"quoted", "a\"b", "last"])
    #expect(set.examples[1].files == [folder.path("images/b.jpg")])
  }

  @Test func takesWindowsLineEndsAndByteOrderMark() throws {
    let set = try load("\u{FEFF}image\tsplit\tcaption\r\na.jpg\ttrain\ta dog\r\n")
    #expect(set.examples[0].captions == ["a dog"])
  }

  @Test func namesTheLineThatIsWrong() throws {
    let header = "image\tsplit\tcaption\n"
    #expect(complaint("") == "empty file")
    #expect(
      complaint("image,split,caption\n")
        == "line 1: the header must be image (or clip), split and caption between tabs; it is: image,split,caption"
    )
    #expect(complaint(header + "a.jpg\ttrain\tx\nb.jpg\ttrain\n") == "line 3: 3 columns expected, 2 found")
    #expect(complaint(header + "a.jpg\ttrain\tx\ty\n") == "line 2: 3 columns expected, 4 found")
    #expect(
      complaint(header + "a.jpg\ttrain\tx\n\na.jpg\ttrain\ty\n") == "line 3: 3 columns expected, 1 found")
    #expect(complaint(header + "a.jpg\ttrain\t \n") == "line 2: empty caption")
    #expect(complaint(header + "a.jpg\ttrain\t\n") == "line 2: empty caption")
    #expect(complaint(header + "\ttrain\tx\n") == "line 2: empty image name")
    #expect(complaint(header + "a.jpg\t\tx\n") == "line 2: empty split")
    #expect(
      complaint(header + "a.jpg\ttrain\tx\na.jpg\tval\ty\n")
        == "line 3: image a.jpg is listed in two splits, train and val")
    #expect(complaint(Array((header + "a.jpg\ttrain\t").utf8) + [0xc3, 0x28]) == "line 2: not UTF-8")
    #expect(complaint([0xff, 0xfe, 0x69, 0x00]) == "line 1: not UTF-8")
    #expect(
      complaint(header + "a.jpg\ttrian\tx\n")
        == "line 2: unknown split trian; there are: train, val, test, none")
    #expect(
      complaint("image\tsplit\tcaption\tcaption\n")
        == "line 1: the header must be image (or clip), split and caption between tabs; it is: "
        + "image split caption caption")
    func caption(_ words: Int, _ word: String) -> String {
      header + "a.jpg\ttrain\tx\na.jpg\ttrain\t\(String(repeating: word, count: words))\n"
    }
    #expect(
      complaint(caption(10_000, "word ")) == "line 3: a caption of 50000 bytes; the limit is 10000")
    #expect(complaint(caption(1001, "word ")) == "line 3: a caption of 1001 words; the limit is 1000")
    #expect(complaint(caption(1001, "%")) == "line 3: a caption of 1001 words; the limit is 1000")
    #expect(complaint(caption(1000, "word ")) == "no error")
  }

  private let clips = "clip\tsplit\tcaption\nb\ttrain\tx\na\tval\ty\n"

  @Test func aClipHasItsFramesInOrderOfTime() throws {
    try folder.write(
      "\u{FEFF}clip\tframe\tfile\r\nb\t10\tf/late.png\r\nb\t2\tf/early.png\r\na\t0\tf/a.png\r\n", "frames.tsv"
    )
    let set = try load(clips)
    #expect(set.examples.map(\.id) == ["a", "b"])
    #expect(set.examples[1].files == [folder.path("f/early.png"), folder.path("f/late.png")])
    for name in ["early", "a"] { try folder.write([0], "f/\(name).png") }
    #expect(try set.examples(in: "val").count == 1)
    #expect {
      try set.examples(in: "train")
    } throws: {
      "\($0)".hasSuffix(
        "line 2: 1 image of 2 in split train not found, first: " + folder.path("f/late.png"))
    }
  }

  @Test func aClipWithoutFramesIsNamed() throws {
    try folder.write("clip\tframe\tfile\na\t0\ta.png\n", "frames.tsv")
    let set = try load(clips)
    #expect { try set.examples(in: "train") } throws: {
      "\($0)".hasSuffix("captions.tsv: line 2: clip b has no frames in frames.tsv, and is no file in clips")
    }
    // Their captions can be scored nevertheless.
    #expect(try set.captions(in: "train").count == 1)
  }

  @Test func aClipWithoutFramesIsAVideoThatIsThere() throws {
    try folder.write("clip\tframe\tfile\na\t0\ta.png\n", "frames.tsv")
    try folder.write([0], "clips/b")
    let set = try load(clips)
    #expect(set.examples.map(\.isVideo) == [false, true])
    #expect(try set.examples(in: "train").map(\.files) == [[folder.path("clips/b")]])
  }

  @Test(arguments: [
    ("clip\tfile\n", "line 1: the header must be clip, frame and file between tabs; it is: clip file"),
    ("clip\tframe\tfile\na\t0\n", "line 2: 3 columns expected, 2 found"),
    ("clip\tframe\tfile\na\tone\tx\n", "line 2: one is no frame number"),
    ("clip\tframe\tfile\na\t-1\tx\n", "line 2: -1 is no frame number"),
    ("clip\tframe\tfile\na\t0\t\n", "line 2: an empty name"),
    ("clip\tframe\tfile\na\t0\tx\na\t0\ty\n", "line 3: frame 0 of clip a is listed twice"),
  ])
  func aWrongLineOfFramesIsNamed(table: String, expected: String) throws {
    try folder.write(table, "frames.tsv")
    #expect { try load(clips) } throws: { "\($0)" == folder.path("frames.tsv") + ": " + expected }
  }

  @Test func namesWhatIsNotThere() throws {
    let set = try load("image\tsplit\tcaption\na.jpg\ttrain\tx\nb.jpg\ttrain\ty\nc.jpg\ttrain\tz\n")
    try folder.write([0], "images/b.jpg")
    #expect(
      throws: DataError(
        .missing, path: set.path, location: "line 2",
        reason: "2 images of 3 in split train not found, first: \(folder.path("images/a.jpg"))")
    ) { try set.examples(in: "train") }
    #expect(throws: DataError(.damaged, path: set.path, reason: "no examples in split val; there are: train"))
    {
      try set.examples(in: "val")
    }
    try folder.write([0], "images/a.jpg")
    try folder.write([0], "images/c.jpg")
    #expect(try set.examples(in: "train").count == 3)
  }

  @Test func namesAFolderThatIsNoDataSet() throws {
    let nowhere = folder.url.appendingPathComponent("nowhere")
    #expect(throws: DataError(.missing, path: nowhere.path, reason: "no such folder")) {
      try CaptionDataset(at: nowhere)
    }
    #expect(
      throws: DataError(
        .missing, path: folder.url.path, reason: "holds neither captions.tsv nor dataset_*.json")
    ) { try CaptionDataset(at: folder.url) }
    try folder.write([], "labels.tsv")
    #expect(throws: DataError(.unsupported, path: folder.url.path, reason: "holds labels, not captions")) {
      try CaptionDataset(at: folder.url)
    }
    let table = folder.url.appendingPathComponent("absent.tsv")
    #expect(throws: DataError(.missing, path: table.path, reason: "no such file")) {
      try CaptionDataset(table: table, images: folder.url)
    }
    #expect(throws: FileError(.read, path: folder.url.path, code: EISDIR)) {
      try CaptionDataset(table: folder.url, images: folder.url)
    }
  }

  /// 38,000 captions, about as many as Flickr8k has. The time is printed, not tested: some 0.1 s.
  @Test func readsManyCaptions() throws {
    let line = String(repeating: "a dog runs ", count: 7)
    let rows = (0..<38000).map { "image\($0 / 5).jpg\ttrain\t\(line)\($0)\n" }.joined()
    let bytes = Array(("image\tsplit\tcaption\n" + rows).utf8)
    let start = ContinuousClock.now
    let set = try load(bytes)
    print("\(bytes.count) bytes of captions.tsv in \(ContinuousClock.now - start)")
    #expect(set.examples.count == 7600)
    #expect(set.examples.allSatisfy { $0.captions.count == 5 })
  }
}
