import Datasets
import Files
import Foundation
import Glibc
import Language
import TestSupport
import Testing

/// Tables, COCO's JSON, JSON Lines and lists of words that somebody made to break the program.
@Suite struct HostileTextTests {
  private let folder = try! TemporaryFolder()

  private func complaint(_ body: () throws -> Void) -> String {
    do {
      try body()
      return "no error"
    } catch {
      let line = "\(error)"
      #expect(!line.contains("\n") && line.count < 2 * String.longestMessage + 500, "\(line.prefix(200))")
      return line.replacingOccurrences(of: folder.path + "/", with: "")
    }
  }

  private func candidates(_ text: String) -> String {
    complaint {
      _ = try CaptionCandidates(contentsOf: try folder.write(text, "c.jsonl"))
    }
  }

  @Test func longLinesAreRefusedWithTheirNumber() throws {
    let long = String(repeating: "x", count: 70_000)
    let limit = "a line of 70008 bytes; the limit is 65536"
    try folder.write("image\tsplit\tcaption\na.jpg\ttrain\tx\n\(long)\ttrain\tx\n", "captions.tsv")
    #expect(complaint { _ = try CaptionDataset(at: folder.url) } == "captions.tsv: line 3: \(limit)")
    try folder.write("clip\tframe\tfile\na\t0\tx\n\(long)\t0\tabcd\t\t\n", "frames.tsv")
    try folder.write("clip\tsplit\tcaption\na\ttrain\tx\n", "captions.tsv")
    #expect(
      complaint { _ = try CaptionDataset(at: folder.url) }
        == "frames.tsv: line 3: a line of 70009 bytes; the limit is 65536")
    try folder.write("clip\tsplit\tlabel\n\(long)\ttrain\tx\n", "labels.tsv")
    #expect(complaint { _ = try ActionDataset(at: folder.url) } == "labels.tsv: line 2: \(limit)")
    try folder.write("dog: dog\n\(long)\n", "objects.txt")
    #expect(
      complaint { _ = try ObjectWords(contentsOf: folder.path("objects.txt")) }
        == "objects.txt: line 2: a line of 70000 bytes; the limit is 65536")
  }

  @Test func messagesDoNotRepeatAFile() {
    let name = String(repeating: "n", count: 1_000_000)
    #expect(candidates(#"{"path":"\#(name)","status":"error"}"#).hasSuffix("n…"))
    #expect(candidates(#"{"path":"\#(name)","caption":" "}"#).count < 600)
    #expect(
      complaint {
        let file = try folder.write(
          #"{"images":[{"id":1,"file_name":"\#(name)"},{"id":1,"file_name":"\#(name)"}],"annotations":[]}"#,
          "c.json")
        _ = try CaptionDataset(coco: file, images: folder.url, split: "val")
      } == "c.json: images[1]: id 1 is listed twice")
    #expect(
      complaint {
        let file = try folder.write(#"{"images":[{"\#(name)":[{"id":1}]}],"annotations":[]}"#, "c.json")
        _ = try CaptionDataset(coco: file, images: folder.url, split: "val")
      } == "c.json: images[0]: id is missing")
  }

  @Test func captionsAreBoundedInEveryFormat() {
    let words = String(repeating: "% ", count: 1001)
    let bytes = String(repeating: "w", count: 10_001)
    let (tooMany, tooLong) = (
      "a caption of 1001 words; the limit is 1000", "a caption of 10001 bytes; the limit is 10000"
    )
    for (caption, reason) in [(words, tooMany), (bytes, tooLong)] {
      #expect(
        candidates(#"{"path":"a.jpg","caption":"\#(caption)"}"#) == "c.jsonl: line 1: a.jpg has \(reason)")
      #expect(
        candidates(#"[{"image_id":1,"caption":"x"},{"image_id":2,"caption":"\#(caption)"}]"#)
          == "c.jsonl: [1]: 2 has \(reason)")
      #expect(
        complaint {
          let file = try folder.write(
            #"{"images":[{"filename":"a.jpg","split":"val","sentences":[{"raw":"\#(caption)"}]}]}"#, "k.json")
          _ = try CaptionDataset(karpathy: file, images: folder.url)
        } == "k.json: images[0].sentences[0]: \(reason)")
    }
    // Captions as long as they may be are scored in well under a second.
    let clock = ContinuousClock()
    let most = [String](repeating: "%", count: 1000)
    let taken = clock.measure {
      _ = CaptionScorer(references: [Array(repeating: most, count: 5)]).scores([most])
    }
    #expect(taken < .seconds(5))
  }

  /// A quarter of a million lines, each of which was compared with all before it.
  @Test func tablesAreReadInLinearTime() throws {
    let clock = ContinuousClock()
    let letters = (0..<26).map { String(UnicodeScalar(UInt8(97 + $0))) }
    let words = (0..<200_000).map { n in (0..<4).map { letters[n / [1, 26, 676, 17_576][$0] % 26] }.joined() }
    let table = words.map { "\($0): \($0)\n" }.joined()
    var things = 0
    let taken = try clock.measure { things = try ObjectWords(table).things.count }
    #expect(things == words.count)
    #expect(taken < .seconds(20))
  }

  @Test(.timeLimit(.minutes(1))) func whatIsNoFileIsNotWaitedFor() throws {
    let path = folder.path("captions.tsv")
    #expect(mkfifo(path, 0o600) == 0)
    #expect(complaint { _ = try DataFile.bytes(path) } == "captions.tsv: cannot read: not a regular file")
    #expect(
      complaint { _ = try DocumentFrequencies(contentsOf: path) }
        == "captions.tsv: cannot read: not a regular file")
    #expect(complaint { _ = try DataFile.bytes("/dev/zero") } == "/dev/zero: cannot read: not a regular file")
    #expect(complaint { _ = try DataFile.bytes(folder.path) }.hasSuffix("cannot read: is a directory"))
    try FileManager.default.removeItem(atPath: path)
    try folder.write("image", "captions.tsv")
    #expect(truncate(path, 1 << 42) == 0)
    #expect(
      complaint { _ = try CaptionDataset(at: folder.url) } == "captions.tsv: cannot read: file too large")
  }

  /// Each reader on each other's files, cut, changed and doubled: a dataset or a line of error.
  @Test func noBytesTrap() throws {
    let seeds = [
      "image\tsplit\tcaption\na.jpg\ttrain\ta dog\nb.jpg\tval\tun café\r\n",
      "clip\tsplit\tlabel\na\ttrain\trun\nb\tval\tsit\n", "clip\tframe\tfile\na\t0\tb.png\n",
      #"{"images":[{"id":9,"file_name":"b.jpg"}],"annotations":[{"image_id":9,"caption":"two"}]}"#,
      #"{"images":[{"filename":"b.jpg","split":"val","cocoid":3,"sentences":[{"raw":"B"}]}]}"#,
      #"[{"image_id":9,"caption":"two"},{"image_id":"b.jpg","caption":"x"}]"#,
      "{\"path\":\"a.jpg\",\"status\":\"ok\",\"caption\":\"x\"}\n{\"path\":\"b\",\"error\":{\"kind\":\"missing\"}}\n",
      "dog: dog, dogs, hot dog\n: toy car\n# comment\n",
    ].map { Array($0.utf8) }
    let tokens = ["\t", "\n", "\0", "-1", "1e999", "9223372036854775808", "\"", "{", "]", "\u{FEFF}", ","]
    var state: UInt64 = 88_172_645_463_325_252
    func random(below limit: Int) -> Int {
      state ^= state << 13
      state ^= state >> 7
      state ^= state << 17
      return Int(state % UInt64(limit))
    }
    for _ in 0..<300 {
      var bytes = seeds[random(below: seeds.count)]
      for _ in 0...random(below: 3) where !bytes.isEmpty {
        let position = random(below: bytes.count)
        switch random(below: 4) {
        case 0: bytes[position] = UInt8(random(below: 256))
        case 1: bytes.removeSubrange(position..<min(bytes.count, position + 1 + random(below: 9)))
        case 2: bytes.insert(contentsOf: bytes[..<position], at: position)
        default: bytes.insert(contentsOf: tokens[random(below: tokens.count)].utf8, at: position)
        }
      }
      for name in ["captions.tsv", "frames.tsv", "labels.tsv", "x"] { try folder.write(bytes, name) }
      let file = folder.url.appendingPathComponent("x")
      _ = complaint { _ = try CaptionDataset(at: folder.url) }
      _ = complaint { _ = try CaptionDataset(references: file) }
      _ = complaint { _ = try CaptionCandidates(contentsOf: file) }
      _ = complaint { _ = try ActionDataset(at: folder.url) }
      _ = complaint { _ = try ObjectWords(contentsOf: file.path) }
    }
  }
}
