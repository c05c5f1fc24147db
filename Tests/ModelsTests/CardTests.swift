import Files
import Foundation
import Models
import TestSupport
import Testing

/// Cards are written by strangers.
@Suite struct CardTests {
  private let folder = try! TemporaryFolder()

  private func card(_ frontMatter: String) throws -> ModelCard {
    try folder.write(#"{"kind":"caption"}"#, "config.json")
    try folder.write("---\n\(frontMatter)\n---\n# Card\n", "README.md")
    return ModelCard(folder: folder.url)
  }

  private func text(_ frontMatter: String) throws -> String? { try card(frontMatter).frontMatter?.text }

  /// The card's own complaint, behind that about the weights, which are not there.
  private func problem(_ frontMatter: String) throws -> String? {
    let header = #"{"a":{"dtype":"F16","shape":[1],"data_offsets":[0,2]}}"#
    var length = UInt64(header.utf8.count).littleEndian
    try folder.write(Data(bytes: &length, count: 8) + Data(header.utf8) + [0, 0], "model.safetensors")
    return try card(frontMatter).problem
  }

  @Test func scalarsAreNumbersWhereJSONHasThem() throws {
    #expect(
      try text("a: 1\nb: 0.873\nc: -2e3\nd: true\ne: ~\nf:\ng: 'x'\nh: no")
        == #"{"a":1,"b":0.873,"c":-2000,"d":true,"e":null,"f":null,"g":"x","h":"no"}"#)
    // Base 60, base 8, dates, and more digits than there is room for.
    #expect(
      try text("a: 999999999999999999:59:59:59:59\nb: 0o17\nc: 2001-01-01\nd: 1_000\ne: .inf\nf: 1e999")
        == #"{"a":"999999999999999999:59:59:59:59","b":"0o17","c":"2001-01-01","d":"1_000","e":".inf","f":"1e999"}"#
    )
    #expect(try text("a: \(String(repeating: "9", count: 50_000))")?.count == 50_008)
  }

  @Test func aliasesAreRefusedBeforeTheyGrow() throws {
    let levels = (1...9).map {
      "a\($0): &a\($0) [" + Array(repeating: "*a\($0 - 1)", count: 9).joined(separator: ",") + "]"
    }
    let bomb = "a0: &a0 x\n" + levels.joined(separator: "\n") + "\n? *a9\n: v\n? *a8\n: w"
    for text in [bomb, "a: !!str &x b", "- &x b", "a: [1,&x b]", "? &x b\n: c", "&x a: b", "a: {b: *x}"] {
      #expect(try problem(text) == "README.md: has front matter with an anchor or an alias", "\(text)")
    }
    // None is one: R&D, a list's star, a star in the middle.
    #expect(try problem("a: R&D & more\nb: five *stars*, *really*\nc: !x y") == nil)
  }

  @Test func depthAndLengthAreBounded() throws {
    let levels = "README.md: has front matter of more than 32 levels"
    #expect(
      try problem("a: " + String(repeating: "[", count: 40) + String(repeating: "]", count: 40)) == levels)
    #expect(try problem(String(repeating: "- ", count: 100) + "a") != nil)
    #expect(try problem("a:\n  " + String(repeating: "- ", count: 100) + "a") == levels)
    #expect(
      try problem("a: " + String(repeating: "[", count: 60_000))
        == "README.md: has front matter that is not YAML")
    #expect(
      try problem("a: " + String(repeating: "x", count: 70_000))
        == "README.md: has front matter of more than 65536 bytes")
    #expect(try problem("? [a, b]\n: c") == "README.md: has front matter with a key that is no text")
    // What follows the front matter may be as long as it likes.
    try folder.write("---\na: b\n---\n" + String(repeating: "text ", count: 100_000), "README.md")
    #expect(ModelCard(folder: folder.url).frontMatter?.text == #"{"a":"b"}"#)
  }
}
