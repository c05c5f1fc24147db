import Files
import Foundation
import Reports
import TestSupport
import Testing
import narrate

/// That nothing is written over which is read, by whatever name, and that closed streams are no files.
@Suite struct OutputsTests {
  private let program: SummarizeProgram
  private var folder: TemporaryFolder { program.folder }
  private let dog = URL(fileURLWithPath: SummarizeProgram.models).deletingLastPathComponent()
    .appendingPathComponent("assets/dog.jpg").path

  init() throws {
    program = try SummarizeProgram()
    try program.write([.first], "v.y4m")
    try FileManager.default.copyItem(atPath: dog, toPath: folder.path("a.jpg"))
    try FileManager.default.linkItem(atPath: folder.path("a.jpg"), toPath: folder.path("hard.jpg"))
    symlink("a.jpg", folder.path("soft.jpg"))
    try folder.write(Data(contentsOf: URL(fileURLWithPath: program.folder.path("v.y4m"))), "d/captions.srt")
    try folder.write("image\tsplit\tcaption\na.jpg\tval\ta dog\n", "captions.tsv")
    try folder.write(#"[{"image_id": "a.jpg", "caption": "a dog"}]"#, "c.json")
    for name in ["m1", "m2"] {
      try folder.write("{}", "\(name)/config.json")
      try folder.write("x", "\(name)/model.safetensors")
    }
    symlink("../m1/model.safetensors", folder.path("m2/vocabulary.txt"))
  }

  private static let lines = [
    "caption a.jpg -o a.jpg", "caption a.jpg -o ./a.jpg", "caption a.jpg --output hard.jpg",
    "caption a.jpg -o soft.jpg", "caption soft.jpg -o hard.jpg", "caption - -o a.jpg < a.jpg",
    "caption /dev/stdin -o a.jpg < a.jpg", "caption a.jpg >> a.jpg", "caption -r . -o a.jpg",
    "caption a.jpg -o /dev/stdout >> a.jpg", "label v.y4m --activitynet v.y4m",
    "label v.y4m --output v.y4m", "label soft.svg --timeline v.svg", "label v.y4m -o o --activitynet ./o",
    "label d/captions.srt -o d/../d/captions.srt", "summarize v.y4m --output v.y4m",
    "summarize d/captions.srt --output d --force", "summarize d/captions.srt --output .",
    "evaluate --references captions.tsv --candidates c.json --per-image c.json",
    "evaluate --references captions.tsv --candidates c.json --save-document-frequencies captions.tsv",
    "evaluate --references captions.tsv --candidates c.json --per-image o --save-document-frequencies o",
    "train average m1 m1 --output m2", "train average m1 m2 --output m1",
    "train encoder --data . --encoder m1/model.safetensors --output m1",
    "train label --data . --encoder-weights m1/model.safetensors --output m2",
    "train shots --data . --config c2 --output m1",
    "calibrate tags --data . --model m1 --encoder m2/vocabulary.txt",
    "caption a.jpg --txt", "caption a.jpg --sidecar xmp", "caption a.jpg v.y4m --txt -o ./v.txt",
  ]

  @Test(arguments: lines) func anOutputThatIsAnInputIsRefused(line: String) async throws {
    symlink("v.y4m", folder.path("v.svg"))
    symlink("v.svg", folder.path("soft.svg"))
    symlink("m1/config.json", folder.path("c2"))
    symlink("hard.jpg", folder.path("a.txt"))
    symlink("a.jpg", folder.path("a.jpg.xmp"))
    func everything() throws -> [String: Data] {
      let names = try FileManager.default.subpathsOfDirectory(atPath: folder.path)
      return Dictionary(
        uniqueKeysWithValues: names.map {
          ($0, (try? Data(contentsOf: URL(fileURLWithPath: folder.path($0)))) ?? Data())
        })
    }
    let before = try everything()
    let result = try await shell("$narrate \(line)", in: folder)
    #expect(result.status == 64 && result.output.isEmpty)
    #expect(result.errors.hasPrefix("narrate: ") && result.errors.filter { $0 == "\n" }.count == 1)
    #expect(try everything() == before)
  }

  @Test func aModelInUseIsNoOutput() async throws {
    try FileManager.default.copyItem(
      atPath: SummarizeProgram.models + "/caption-everyday", toPath: folder.path("model"))
    let result = try await shell("$narrate caption a.jpg --model model -o model/config.json", in: folder)
    #expect(result.status == 64 && result.output.isEmpty)
  }

  /// A log that others write to is not replaced by another file.
  @Test func whatStandardOutputIsIsWrittenTo() async throws {
    let script = """
      { echo before; $narrate caption a.jpg -o /dev/stdout; echo between; $narrate caption a.jpg -o log; \
      $narrate caption a.jpg -o link; } > log
      """
    symlink("/dev/stdout", folder.path("link"))
    #expect(try await shell(script, in: folder).status == 0)
    let lines = try program.text("log").split(separator: "\n")
    #expect(lines.count == 5 && lines[0] == "before" && lines[2] == "between")
    #expect(Set([lines[1], lines[3], lines[4]]).count == 1)
    #expect(try !folder.contents.contains { $0.contains("part") })
  }

  @Test func closedStreamsAreNoFiles() async throws {
    // What goes to a stream that is closed is lost, and goes nowhere else.
    let output = try await shell("$narrate label v.y4m --activitynet r.json >&-", in: folder)
    #expect(output.status == 74)
    #expect(output.errors == "narrate: standard output: cannot write: bad file descriptor\n")
    #expect(try !folder.contents.contains("r.json"))
    let errors = try await shell("$narrate caption none.jpg a.jpg -o out.txt 2>&-", in: folder)
    #expect(errors.status == 1)
    #expect(try program.text("out.txt").hasPrefix("a.jpg\t"))
    let input = try await shell("$narrate caption - a.jpg <&-", in: folder)
    #expect(input.status == 1 && input.errors == "narrate: -: bad file descriptor\n")
    #expect(input.output.hasPrefix("a.jpg\t"))
    let all = try await shell("$narrate caption a.jpg -o out2.txt <&- >&- 2>&-", in: folder)
    #expect(all.status == 0)
    #expect(try program.text("out2.txt").split(separator: "\n").count == 1)
  }
}
