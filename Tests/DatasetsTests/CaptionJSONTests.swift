import Datasets
import Foundation
import TestSupport
import Testing

@Suite struct CaptionJSONTests {
  let folder = try! TemporaryFolder()

  private func coco(_ text: String) throws -> CaptionDataset {
    try CaptionDataset(coco: try folder.write(text.utf8, "coco.json"), images: folder.url, split: "val")
  }

  private func karpathy(_ text: String) throws -> CaptionDataset {
    try CaptionDataset(karpathy: try folder.write(text.utf8, "dataset_x.json"), images: folder.url)
  }

  private func complaint(_ body: () throws -> CaptionDataset) -> String {
    do {
      _ = try body()
    } catch let error as DataError {
      #expect(error.kind == .damaged)
      return String(error.description.dropFirst(error.path.count + 2))
    } catch {
      return "\(error)"
    }
    return "no error"
  }

  @Test func readsCOCO() throws {
    let set = try coco(
      """
      {"info":{},"images":[{"id":9,"file_name":"b.jpg","width":3},{"id":4,"file_name":"a.jpg"},{"id":5,"file_name":"c.jpg"}],
       "annotations":[{"image_id":4,"id":1,"caption":"one"},{"image_id":9,"id":2,"caption":"two"},{"image_id":4,"id":3,"caption":"three"}]}
      """)
    // A picture without captions is left out.
    #expect(set.examples.map(\.id) == ["a.jpg", "b.jpg"])
    #expect(set.examples.map(\.captions) == [["one", "three"], ["two"]])
    #expect(set.examples.allSatisfy { $0.split == "val" })
    #expect(set.examples[0].files == [folder.path("a.jpg")])
  }

  /// Ids may be numbers or text, and the same characters written otherwise are another name.
  @Test func readsReferencesByTheirIds() throws {
    let text = """
      {"images":[{"id":"b"},{"id":2},{"id":"3","file_name":"caf\u{E9}.jpg"},{"id":4,"file_name":"cafe\u{301}.jpg"}],
       "annotations":[{"image_id":"b","caption":"one"},{"image_id":"2","caption":"two"},
                      {"image_id":3,"caption":"three"},{"image_id":4,"caption":"four"}]}
      """
    let set = try CaptionDataset(references: folder.write(text.utf8, "references.json"))
    #expect(set.examples.count == 4)
    let named = Dictionary(uniqueKeysWithValues: set.examples.map { ($0.number ?? "", $0) })
    #expect(named["b"]?.id == "b" && named["2"]?.id == "2" && named["2"]?.captions == ["two"])
    #expect(named["3"]?.captions == ["three"] && named["4"]?.captions == ["four"])
    #expect(complaint { try coco(text) } == "images[0]: file_name is missing")
  }

  @Test func namesTheEntryOfCOCOThatIsWrong() throws {
    let image = #"{"id":1,"file_name":"a.jpg"}"#
    let cases = [
      #"{"images":[\#(image)],"annotations":[{"image_id":2,"caption":"x"}]}"#:
        "annotations[0]: no image has the id 2",
      #"{"images":[\#(image)],"annotations":[{"image_id":1,"caption":" "}]}"#:
        "annotations[0]: empty caption",
      #"{"images":[\#(image),\#(image)],"annotations":[]}"#: "images[1]: id 1 is listed twice",
      #"{"images":[\#(image)]}"#: "annotations is missing",
      #"{"images":[{"id":1}],"annotations":[]}"#: "images[0]: file_name is missing",
      #"{"images":[{"id":1.5,"file_name":"a.jpg"}],"annotations":[]}"#:
        "images[0].id: a string expected",
      "": "empty file",
    ]
    for (text, expected) in cases { #expect(complaint { try coco(text) } == expected) }
    #expect(complaint { try coco(#"{"images":["#) }.hasPrefix("not JSON"))
    #expect(complaint { try coco(#"{"images":["#) }.contains("\n") == false)
    let absent = folder.url.appendingPathComponent("absent.json")
    #expect(throws: DataError(.missing, path: absent.path, reason: "no such file")) {
      try CaptionDataset(coco: absent, images: folder.url, split: "val")
    }
  }

  private let splits = """
    {"images":[
      {"filename":"b.jpg","split":"restval","sentences":[{"raw":"B one","tokens":["b"]},{"raw":"B two"}]},
      {"filename":"a.jpg","filepath":"val2014","split":"test","sentences":[{"raw":"A"}]}],"dataset":"x"}
    """

  @Test func readsKarpathySplits() throws {
    let set = try karpathy(splits)
    #expect(set.examples.map(\.id) == ["a.jpg", "b.jpg"])
    #expect(set.examples.map(\.split) == ["test", "train"])
    #expect(set.examples.flatMap(\.files) == [folder.path("val2014/a.jpg"), folder.path("b.jpg")])
    #expect(set.examples[1].captions == ["B one", "B two"])
  }

  @Test func findsKarpathySplitsInAFolder() throws {
    try folder.write(splits.utf8, "dataset_flickr8k.json")
    let inFolder = try CaptionDataset(at: folder.url)
    let byName = try CaptionDataset(at: folder.url.appendingPathComponent("dataset_flickr8k.json"))
    #expect(inFolder.examples == byName.examples)
    #expect(inFolder.examples[1].files == [folder.path("images/b.jpg")])
    try folder.write(splits.utf8, "dataset_coco.json")
    let error = #expect(throws: DataError.self) { try CaptionDataset(at: folder.url) }
    #expect(error?.reason == "holds dataset_coco.json, dataset_flickr8k.json; name the one that is meant")
  }

  @Test func namesTheEntryOfKarpathyThatIsWrong() {
    func image(_ split: String, _ raw: String) -> String {
      #"{"filename":"a.jpg","split":"\#(split)","sentences":[{"raw":"\#(raw)"}]}"#
    }
    #expect(
      complaint { try karpathy(#"{"images":[\#(image("train", "x")),\#(image("val", "y"))]}"#) }
        == "images[1]: image a.jpg is listed in two splits, train and val")
    #expect(
      complaint { try karpathy(#"{"images":[\#(image("val", ""))]}"#) }
        == "images[0].sentences[0]: empty caption")
    #expect(
      complaint { try karpathy(#"{"images":[{"filename":"a.jpg"}]}"#) } == "images[0]: split is missing")
    #expect(complaint { try karpathy("[]") } == "an object expected")
  }
}
