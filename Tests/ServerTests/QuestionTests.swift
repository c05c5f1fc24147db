import Files
import Foundation
import Server
import Testing

@Suite struct QuestionTests {
  @Test func bytesComeAsBase64OrAsADataURI() throws {
    let bytes: [UInt8] = [1, 2, 3, 250]
    for text in ["AQID+g==", "data:image/jpeg;base64,AQID+g==", "DATA:;BASE64,AQID+g==", "AQID\r\n+g=="] {
      #expect(try EncodedBytes.decode(text) == bytes)
    }
    for (text, status) in [
      ("http://127.0.0.1/a.jpg", 400), ("HTTPS://a/b", 400), ("file:///etc/passwd", 400), ("", 422),
      ("data:image/jpeg,abc", 422), ("data:;base64,", 422), ("not base64!", 422),
      ("data:image/png;base64", 422),
    ] {
      let problem = #expect(throws: Problem.self) { try EncodedBytes.decode(text) }
      #expect(problem?.code == status, "\(text)")
    }
  }

  @Test func aBodyIsAnObject() throws {
    #expect(try EncodedBytes.object(Array(#"{"a": [1]}"#.utf8))["a"] != nil)
    let deep = String(repeating: "[", count: 100_000) + String(repeating: "]", count: 100_000)
    for text in ["", "[]", "3", "{", #"{"a": }"#, deep, #"{"a": "# + deep + "}", "\u{0}"] {
      #expect(throws: Problem.self) { try EncodedBytes.object(Array(text.utf8)) }
    }
    // Of many values not one is decoded.
    let many = #"{"a": ["# + String(repeating: "[],", count: 2_000_000) + "[]]}"
    let taken = ContinuousClock().measure {
      _ = #expect(throws: Problem.self) { try EncodedBytes.object(Array(many.utf8)) }
    }
    #expect(taken < .seconds(2))
    let text = #"{"a": "\"[[[\\"}"#.replacing("[[[", with: String(repeating: "[,", count: 20_000))
    #expect(try EncodedBytes.object(Array(text.utf8))["a"]?.string?.count == 40_002)
    #expect(throws: Problem.self) { try EncodedBytes.object([0x7B, 0xFF, 0x7D]) }
  }

  @Test func optionsHaveRanges() throws {
    var question = CaptionQuestion()
    try question.set("top", .integer(3))
    try question.set("beam", .string("5"))
    try question.set("max_words", .integer(9))
    try question.set("people", .string("neutral"))
    try question.set("attention", .string("true"))
    #expect(
      question.options.top == 3 && question.options.beamWidth == 5 && question.options.maximumWords == 9)
    #expect(question.options.people == .neutral && question.showsAttention)
    for (name, value): (String, JSON) in [
      ("top", .integer(0)), ("top", .string("1e1")), ("top", .number(1.5)), ("beam", .integer(65)),
      ("max_words", .null), ("people", .string("all")), ("style", .integer(1)), ("attention", .integer(1)),
      ("prompt", .string("")),
    ] {
      #expect(throws: Problem.self) { try question.set(name, value) }
    }
  }

  /// As people write prompts for language models.
  @Test func promptsAreUnderstoodAsFarAsTheyCanBe() {
    func wish(_ text: String) -> Prompt.Wish { Prompt(text).wish }
    #expect(wish("Describe this image.") == .sentence)
    #expect(wish("Describe this image in one word.") == .word)
    #expect(wish("In a single word, what is it?") == .word)
    #expect(wish("Give me five comma-separated tags") == .keywords)
    #expect(wish("List KEYWORDS for this photo") == .keywords)
    #expect(Prompt("Write a caption with at most 12 words, please").maximumWords == 12)
    #expect(Prompt("Write 500 words").maximumWords == nil && Prompt("in 100 words").maximumWords == 20)
    #expect(Prompt("").wish == .sentence && Prompt("").maximumWords == nil)
  }
}
