import Foundation
import Narration
import Reports
import TestSupport
import Testing

@Suite struct EvaluateTests {
  private let folder = try! TemporaryFolder()

  init() throws {
    try folder.write(
      """
      image\tsplit\tcaption
      a.jpg\tval\tA dog runs through the grass.
      a.jpg\tval\tthe dog is running
      b.jpg\tval\ta red car on the street
      b.jpg\tval\ta car
      """, "captions.tsv")
    try folder.write(
      #"[{"image_id": "a", "caption": "a dog runs"}, {"image_id": "b", "caption": "a car on the street"}]"#,
      "results.json")
  }

  private let files = ["evaluate", "--references", "captions.tsv", "--candidates", "results.json"]

  @Test func aTableAndJSONSayTheSame() async throws {
    let text = try await narrate(files + ["--human"], in: folder)
    #expect(text.status == 0 && text.errors.isEmpty)
    let rows = text.output.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
    #expect(rows[0] == ["2", "images,", "4", "references"] && rows[1] == ["captions", "people"])
    let json = try await narrate(files + ["--human", "--format", "json"], in: folder)
    let object = try #require(
      try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any])
    let people = try #require(object["humans"] as? [String: Any])
    func printed(_ value: Any?) -> String { (value as? Double).map { String(format: "%.4f", $0) } ?? "-" }
    for row in rows.dropFirst(2) {
      #expect(object[row[0]] != nil && people[row[0]] != nil)
      #expect([printed(object[row[0]]), printed(people[row[0]])] == Array(row.dropFirst()))
    }
    // Nobody speaks of men or women.
    #expect(rows.last { $0[0] == "wrong-sex" }.map { $0[1] } == "-" && object["wrong-sex"] is NSNull)
    #expect(
      rows.dropFirst(2).map { $0[0] } == [
        "BLEU-1", "BLEU-2", "BLEU-3", "BLEU-4", "ROUGE-L", "CIDEr-D", "CIDEr-original",
        "CHAIRs", "CHAIRi", "things", "coverage", "wrong-sex", "unsupported-color",
      ])
  }

  @Test func eachImageHasALine() async throws {
    let result = try await narrate(
      files + ["--per-image", "each.jsonl", "--save-document-frequencies", "table.tsv", "--split", "val"],
      in: folder)
    #expect(result.status == 0)
    let lines = try String(contentsOfFile: folder.path("each.jsonl"), encoding: .utf8).split(separator: "\n")
    #expect(lines.count == 2)
    #expect(lines[0].hasPrefix(#"{"image_id":"a.jpg","caption":"a dog runs","BLEU-1":"#))
    let again = try await narrate(files + ["--document-frequencies", "table.tsv"], in: folder)
    #expect(again.output == result.output)
  }

  @Test func thingsAreThoseOfTheTableGiven() async throws {
    try folder.write("animal: dog, cat # nothing else\n", "things.txt")
    try folder.write(
      #"[{"image_id": "a", "caption": "a dog runs"}, {"image_id": "b", "caption": "a cat on a bus"}]"#,
      "results.json")
    let result = try await narrate(files + ["--objects", "things.txt", "--format", "json"], in: folder)
    let object = try #require(
      try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any])
    #expect(object["CHAIRs"] as? Double == 0.5 && object["CHAIRi"] as? Double == 0.5)
    #expect(object["things"] as? Double == 1 && object["coverage"] as? Double == 1)
    try folder.write("dog: dog, dogs, Dog\n", "things.txt")
    let broken = try await narrate(files + ["--objects", "things.txt"], in: folder)
    #expect(broken.status == 65 && broken.output.isEmpty)
    #expect(broken.errors == "narrate: things.txt: line 1: dog stands twice\n")
  }

  @Test func pipesAreReadToo() async throws {
    let plain = try await shell(
      "$narrate evaluate --references captions.tsv --candidates results.json", in: folder)
    let piped = try await shell(
      "mkfifo p; cat captions.tsv > p & cat results.json | $narrate evaluate --references p --candidates -",
      in: folder)
    #expect(piped.status == 0 && piped.errors.isEmpty && piped.output == plain.output, "\(piped.errors)")
    let broken = try await shell(
      "echo '[{' | $narrate evaluate --references captions.tsv --candidates -", in: folder)
    #expect(broken.status == 65 && broken.errors.hasPrefix("narrate: -: "))
  }

  private static let bad: [(arguments: String, status: Int32)] = [
    ("--references captions.tsv", 64), ("--data . --candidates x", 64), ("", 64),
    ("--references captions.tsv --candidates none.json", 65),
    ("--references none.tsv --candidates results.json", 65),
    ("--references results.json --candidates results.json", 65),
    ("--references captions.tsv --candidates captions.tsv", 65),
    ("--references captions.tsv --candidates results.json --split test", 65),
    ("--references captions.tsv --candidates results.json --document-frequencies captions.tsv", 65),
    ("--references captions.tsv --candidates results.json --per-image no/where", 74),
    ("--references captions.tsv --candidates results.json --per-image /dev/full", 74),
    ("--data . --model none", 65),
    ("--references captions.tsv --candidates results.json --beam 5", 64),
    ("--references captions.tsv --candidates results.json --style photos", 64),
    ("--references captions.tsv --candidates results.json --shot-model m", 64), ("--shots . --human", 64),
    ("--shots . --split val", 64), ("--shots . --objects captions.tsv", 64),
    ("--references captions.tsv --candidates results.json --objects none", 65), ("--shots none", 65),
  ]

  @Test(arguments: bad)
  func badInputEndsWithItsStatus(arguments: String, status: Int32) async throws {
    let result = try await narrate(
      ["evaluate"] + arguments.split(separator: " ").map(String.init), in: folder)
    #expect(result.status == status)
    #expect(result.output.isEmpty)
    if status != 64 { #expect(result.errors.split(separator: "\n").count == 1, "\(result.errors)") }
  }

  @Test func peopleNeedTwoCaptions() async throws {
    try folder.write(
      "image\tsplit\tcaption\na.jpg\tval\tone\nb.jpg\tval\ttwo\nb.jpg\tval\tthree\n", "captions.tsv")
    let result = try await narrate(files + ["--human"], in: folder)
    #expect(result.status == 65)
    #expect(result.errors.hasPrefix("narrate: "))
    #expect(
      result.errors.hasSuffix("/captions.tsv: a.jpg has one caption; --human needs two or more an image\n"))
  }

  /// The folder of clips is looked for where it was named, with the models of this repository.
  @Test func shotsAreThoseOfTheFolderNamed() async throws {
    let result = try await narrate(
      ["evaluate", "--shots", "clips"], in: folder, environment: ["NARRATE_MODELS": SummarizeProgram.models])
    #expect(result.status == 65 && result.output.isEmpty)
    #expect(result.errors == "narrate: \(folder.path("clips/labels.tsv")): no such file\n")
  }
}
