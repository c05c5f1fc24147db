import Foundation
import TestSupport
import Testing

/// `--language`, with the models of this repository.
@Suite struct LanguageTests {
  private static let dog = URL(fileURLWithPath: SummarizeProgram.models).deletingLastPathComponent()
    .appendingPathComponent("assets/dog.jpg").path

  @Test(arguments: [("de", "Hund"), ("fr", "chien"), ("cs", "pes"), ("pt", "cachorro")])
  func captionsAreTranslated(language: String, dog: String) async throws {
    let folder = try TemporaryFolder()
    let told = try await shell(
      "$narrate caption \(Self.dog) --language \(language) --format jsonl && "
        + "$narrate caption \(Self.dog) --language \(language) && $narrate caption \(Self.dog)", in: folder)
    #expect(told.status == 0 && told.errors.isEmpty, "\(told)")
    let lines = told.output.split(separator: "\n").map(String.init)
    try #require(lines.count == 3)
    let object = try #require(try JSONSerialization.jsonObject(with: Data(lines[0].utf8)) as? [String: Any])
    let caption = try #require(object["caption"] as? String)
    #expect(caption.split(separator: " ").contains { $0 == dog }, "\(caption)")
    #expect(object["language"] as? String == language)
    #expect(lines[1] == caption)
    let english = try #require(object["english"] as? String)
    #expect(lines[2] == english)
  }

  @Test func aStoryboardIsInItsLanguage() async throws {
    let program = try SummarizeProgram()
    try program.write([.first], "v.y4m")
    let told = try await program.run(["v.y4m", "--language", "de", "--output", "s"])
    #expect(told.status == 0, "\(told)")
    let page = try String(contentsOfFile: program.folder.path("s/index.html"), encoding: .utf8)
    #expect(page.contains("<html lang=\"de\""))
  }
}
