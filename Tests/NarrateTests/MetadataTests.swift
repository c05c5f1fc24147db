import Foundation
import TestSupport
import Testing

/// `narrate caption --sidecar xmp --txt`: the files beside pictures.
@Suite struct MetadataTests {
  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    for name in ["dog", "coffee", "cat"] { try copy(name) }
  }

  private func copy(_ name: String) throws {
    let assets = URL(fileURLWithPath: SummarizeProgram.models).deletingLastPathComponent()
    try FileManager.default.createDirectory(atPath: folder.path("in"), withIntermediateDirectories: true)
    try FileManager.default.copyItem(
      atPath: assets.appendingPathComponent("assets/\(name).jpg").path, toPath: folder.path("in/\(name).jpg"))
  }

  private func contents(_ name: String) throws -> String {
    try String(contentsOfFile: folder.path("in/" + name), encoding: .utf8)
  }

  @Test func captionsBesidePictures() async throws {
    let plain = try await shell("$narrate caption -r in", in: folder)
    let result = try await shell(
      "$narrate caption -r in --sidecar xmp --keywords --txt --prefix 'sks, ' --max-length 45", in: folder)
    #expect(result.status == 0 && result.errors.isEmpty && result.output == plain.output)
    #expect(
      try folder.contents(of: "in") == [
        "cat.jpg", "cat.jpg.xmp", "cat.txt", "coffee.jpg", "coffee.jpg.xmp", "coffee.txt", "dog.jpg",
        "dog.jpg.xmp",
        "dog.txt",
      ])
    let sentence = try await Program.dog
    #expect(try contents("dog.txt") == "sks, \(sentence)\n")
    let dog = try contents("dog.jpg.xmp")
    #expect(dog.contains("<rdf:li>dog</rdf:li>") && dog.contains("<rdf:li>grass</rdf:li>"))
    #expect(!dog.contains("<rdf:li>brown</rdf:li>") && dog.contains("Narrate 0.1.0"))
    #expect(dog.contains("\"x-default\">sks, \(sentence)<"))
    // An unsure one says so, and its keywords are those of the classifier.
    let coffee = try contents("coffee.jpg.xmp")
    #expect(
      coffee.contains("\"en\">sks, perhaps a white bowl ") && coffee.contains("<rdf:li>espresso</rdf:li>"))
    #expect(!coffee.contains("<rdf:li>bowl</rdf:li>"))
    #expect(try contents("coffee.txt").hasPrefix("sks, a white bowl "))

    let again = try await shell("$narrate caption -r in --sidecar xmp --txt", in: folder)
    #expect(again.status == 0 && again.output == plain.output)
    #expect(again.errors == "narrate: note: 6 files left with the text that was there (--existing)\n")
    #expect(try contents("dog.jpg.xmp") == dog)
  }

  @Test func whatCannotBeWrittenIsToldAndTheRestDone() async throws {
    try folder.write("no XML", "in/cat.jpg.xmp")
    try FileManager.default.createDirectory(
      atPath: folder.path("in/coffee.txt"), withIntermediateDirectories: true)
    let result = try await shell(
      "$narrate caption in/cat.jpg in/coffee.jpg in/dog.jpg --sidecar xmp --txt", in: folder)
    #expect(result.status == 1)
    #expect(result.output.split(separator: "\n").count == 3)
    let lines = result.errors.split(separator: "\n")
    #expect(lines.count == 2 && lines[0] == "narrate: in/cat.jpg.xmp: is no XMP (no XML)")
    #expect(lines.last == "narrate: in/coffee.txt: cannot read: is a directory")
    #expect(try contents("cat.jpg.xmp") == "no XML" && contents("cat.txt").hasPrefix("a close up"))
    #expect(try contents("dog.jpg.xmp").contains("a brown dog is"))
  }

  /// Every write after the first few hundred bytes fails.
  @Test func aFullDisk() async throws {
    try folder.write("old", "in/dog.txt")
    let result = try await shell(
      "ulimit -f 1; trap '' XFSZ; $narrate caption in/dog.jpg in/cat.jpg --sidecar xmp --txt --existing overwrite",
      in: folder)
    #expect(result.status == 1 && result.output.split(separator: "\n").count == 2)
    let lines = result.errors.split(separator: "\n")
    #expect(lines.map { $0.hasSuffix(".jpg.xmp: cannot write: file too large") } == [true, true])
    #expect(try folder.contents(of: "in") == ["cat.jpg", "cat.txt", "coffee.jpg", "dog.jpg", "dog.txt"])
  }
}
