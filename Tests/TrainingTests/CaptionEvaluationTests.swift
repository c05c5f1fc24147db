import Datasets
import Foundation
import Language
import Models
import Narration
import Tensors
import TestSupport
import Testing
import Training

@Suite struct CaptionEvaluationTests {
  private let folder = try! TemporaryFolder()

  private static let table = """
    image\tsplit\tcaption
    a.jpg\tval\tA dog runs.
    a.jpg\tval\tthe dog's running
    b.jpg\tval\ta "red" car
    b.jpg\tval\ta car
    c.jpg\ttrain\ta cat
    """
  private static let coco = """
    {"images": [{"id": 7, "file_name": "val/a.jpg"}, {"id": 12, "file_name": "val/b.jpg"}],
     "annotations": [{"image_id": 7, "caption": "A dog runs."}, {"image_id": 12, "caption": "a car"},
                     {"image_id": 7, "caption": "a dog"}]}
    """
  private static let karpathy = """
    {"images": [{"filename": "a.jpg", "imgid": 0, "split": "val", "sentences": [{"raw": "A dog runs."}]},
                {"filename": "b.jpg", "imgid": 1, "split": "val", "sentences": [{"raw": "a car"}]},
                {"filename": "c.jpg", "imgid": 2, "split": "train", "sentences": [{"raw": "a cat"}]}]}
    """
  private static let clips = """
    clip\tsplit\tcaption
    video1\tval\ta dog runs
    video2\tval\ta car
    """

  private func evaluation(_ references: String, _ candidates: String, split: String? = "val") throws
    -> CaptionEvaluation
  {
    let dataset = try CaptionDataset(references: folder.write(references, "references"))
    return try CaptionEvaluation(
      dataset.captions(in: split), CaptionCandidates(contentsOf: folder.write(candidates, "candidates")),
      references: "references")
  }

  @Test(arguments: [
    (table, #"[{"image_id": "b.jpg", "caption": "a car"}, {"image_id": "a", "caption": "a dog"}]"#),
    (table, #"{"path": "x/a.jpg", "caption": "a dog"}"# + "\n\n" + #"{"path": "b.jpg", "caption": "a car"}"#),
    (table, #"[{"path":"a.jpg","status":"ok","caption":"a dog"},{"path":"b.jpg","caption":"a car"}]"#),
    (karpathy, #"[{"image_id": 1, "caption": "a car"}, {"image_id": 0, "caption": "a dog"}]"#),
    (karpathy, #"[{"image_id": "1", "caption": "a car"}, {"image_id": "a.jpg", "caption": "a dog"}]"#),
    (
      "\u{FEFF}" + table,
      "\u{FEFF}" + #"[{"image_id": "b", "caption": "a car"}, {"image_id": "a", "caption": "a dog"}]"#
    ),
  ])
  func everyFormatIsRead(references: String, candidates: String) throws {
    let images = try evaluation(references, candidates).images
    #expect(images.map(\.example.id) == ["a.jpg", "b.jpg"])
    #expect(images.map(\.candidate) == ["a dog", "a car"])
  }

  @Test func cocoHasNoSplits() throws {
    let found = try evaluation(
      Self.coco, #"[{"image_id": 12, "caption": "a car"}, {"image_id": 7, "caption": "a dog"}]"#, split: nil)
    #expect(found.images.map(\.example.number) == ["7", "12"])
    #expect(found.images.map(\.candidate) == ["a dog", "a car"])
    #expect(found.images[0].example.captions == ["A dog runs.", "a dog"])
  }

  /// An image's id comes before its name, as in pycocoevalcap, and names are told apart by their bytes.
  @Test func idsAndBytesTellImagesApart() throws {
    let references = """
      {"images": [{"id": 1, "file_name": "2.jpg"}, {"id": 2, "file_name": "1.jpg"},
                  {"id": 3, "file_name": "\u{E9}.jpg"}, {"id": 4, "file_name": "e\u{301}.jpg"}, {"id": "x"}],
       "annotations": [{"image_id": 1, "caption": "one"}, {"image_id": 2, "caption": "two"},
                       {"image_id": 3, "caption": "three"}, {"image_id": 4, "caption": "four"},
                       {"image_id": "x", "caption": "five"}]}
      """
    let candidates = """
      [{"image_id": 1, "caption": "one"}, {"image_id": "2", "caption": "two"},
       {"image_id": "e\u{301}.jpg", "caption": "four"}, {"image_id": "\u{E9}", "caption": "three"},
       {"image_id": "x", "caption": "five"}]
      """
    let found = try evaluation(references, candidates, split: nil)
    #expect(found.images.count == 5)
    for image in found.images { #expect(image.candidate == image.example.captions[0]) }
    // Where only one is there, another way of writing it is the same.
    let other = try evaluation(
      "image\tsplit\tcaption\n\u{E9}.jpg\tval\tone\n",
      "[{\"image_id\": \"e\u{301}.jpg\", \"caption\": \"one\"}]")
    #expect(other.images.count == 1)
  }

  @Test func clipsHaveNamesToo() throws {
    let found = try evaluation(
      Self.clips,
      #"[{"image_id": "video2", "caption": "a car"}, {"image_id": "clips/video1.mp4", "caption": "a dog"}]"#)
    #expect(found.images.map(\.candidate) == ["a dog", "a car"])
  }

  @Test(arguments: [
    (
      #"[{"image_id": "a", "caption": "x"}, {"image_id": "z", "caption": "x"}]"#,
      "[1]: z is none of the 2 images"
    ),
    (#"[{"image_id": "a", "caption": "x"}]"#, "no caption for 1 of the 2 images of references, first: b.jpg"),
    (
      #"[{"image_id": "a", "caption": "x"}, {"image_id": "a.jpg", "caption": "y"}]"#,
      "[1]: a.jpg has a caption already, at [0]"
    ),
    (#"[{"image_id": "a", "caption": " "}]"#, "[0]: the caption of a is empty"),
    (#"{"path": "a.jpg", "caption": ""}"#, "line 1: the caption of a.jpg is empty"),
    (#"[{"image_id": "a"}]"#, "[0]: a has no caption"),
    (#"[{"caption": "x"}]"#, "[0]: image_id or path is missing"),
    (
      #"{"path":"a.jpg","status":"error","error":{"kind":"undecodable","message":"m"}}"#,
      "line 1: a.jpg has no caption (undecodable)"
    ),
    (#"[{"image_id": "a", "caption": 5}]"#, "[0].caption: a string expected"),
    (#"[{"image_id": [1], "caption": "x"}]"#, "[0].image_id: a string expected"),
    (#"[{"image_id": "a", "caption": "x"}"#, "not JSON"), ("[1, 2]", "[0]: an object expected"),
    ("[]", "no captions in it"), ("", "no captions in it"), ("\n\n", "no captions in it"),
    ("a dog\n", "line 1: not JSON"), (#"{"path": "a.jpg", "caption": "x"}"# + "\nx", "line 2: not JSON"),
    (#"{"a": 1}"#, "line 1: image_id or path is missing"),
  ])
  func badCandidatesAreNamed(candidates: String, reason: String) {
    let error = #expect(throws: DataError.self) { try evaluation(Self.table, candidates) }
    let text = error?.description ?? ""
    #expect(text.hasPrefix(folder.path("candidates") + ": " + reason), "\(text)")
    #expect(!text.contains("\n"))
  }

  @Test func otherEncodingsAreRefused() throws {
    let latin = Array(#"[{"image_id": "a", "caption": "caf"#.utf8) + [0xe9] + Array(#""}]"#.utf8)
    try folder.write(latin, "candidates")
    #expect(throws: DataError.self) {
      try CaptionCandidates(contentsOf: folder.url.appendingPathComponent("candidates"))
    }
    try folder.write(Array("image\tsplit\tcaption\na.jpg\tval\tcaf".utf8) + [0xe9], "references")
    let error = #expect(throws: DataError.self) {
      try CaptionDataset(references: folder.url.appendingPathComponent("references"))
    }
    #expect(error?.description.hasSuffix("line 2: not UTF-8") == true)
  }

  @Test func garbageIsRefusedAtItsBeginning() throws {
    var random = RandomGenerator(seed: 6)
    let garbage = (0..<1 << 20).map { _ in UInt8(0x20 + random.integer(below: 0xe0)) }
    for name in ["references", "candidates"] { try folder.write(garbage, name) }
    let error = #expect(throws: DataError.self) {
      try CaptionCandidates(contentsOf: folder.url.appendingPathComponent("candidates"))
    }
    #expect((error?.description.utf8.count ?? 0) < 400)
    #expect(throws: DataError.self) {
      try CaptionDataset(references: folder.url.appendingPathComponent("references"))
    }
  }

  @Test func aMissingSplitIsSaidWithThoseThereAre() throws {
    let error = #expect(throws: DataError.self) { try evaluation(Self.table, "[]", split: "test") }
    #expect(error?.reason == "no examples in split test; there are: train, val")
    let whole = #expect(throws: DataError.self) {
      try evaluation(Self.table, #"[{"image_id": "a", "caption": "x"}]"#, split: nil)
    }
    #expect(whole?.reason.hasSuffix("first: b.jpg; --split chooses some of them") == true)
  }

  @Test func namesSharedByTwoImagesFindNeither() throws {
    let table = "image\tsplit\tcaption\nx/a.jpg\tval\tone\ny/a.jpg\tval\ttwo"
    #expect(throws: DataError.self) { try evaluation(table, #"[{"image_id": "a", "caption": "x"}]"#) }
    let pair = #"[{"image_id": "y/a.jpg", "caption": "2"}, {"image_id": "x/a.jpg", "caption": "1"}]"#
    #expect(try evaluation(table, pair).images.map(\.candidate) == ["1", "2"])
  }
}
