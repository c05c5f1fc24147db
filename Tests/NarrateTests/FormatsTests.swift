import Files
import Narration
import Testing
import narrate

private let captions = [
  Caption(
    words: [
      Caption.Word(text: "a", probability: 0.97, attention: []),
      Caption.Word(text: "dog", probability: 0.5, attention: []),
    ], logProbability: -5.93111),
  Caption(words: [Caption.Word(text: "cats", probability: 1, attention: [])], logProbability: -6.4),
]

private func done(_ path: String, _ captions: ArraySlice<Caption> = captions[...]) -> CaptionResult {
  CaptionResult(
    path: FilePath(argument: path),
    outcome: .success(
      CaptionResult.Described(
        captions: Array(captions), width: 4032, height: 3024, milliseconds: 14.23, model: "caption-flickr8k"))
  )
}

private func failed(_ path: String) -> CaptionResult {
  CaptionResult(
    path: FilePath(argument: path),
    outcome: .failure(InputFailure(kind: "undecodable", message: "cut \"short\", odd")))
}

private func written(_ format: CaptionFormat, showsPaths: Bool = true, _ results: [CaptionResult]) -> String {
  var writer = CaptionWriter(format, showsPaths: showsPaths)
  var bytes = writer.header
  for result in results { bytes += writer.entry(result) }
  return String(decoding: bytes + writer.footer, as: UTF8.self)
}

/// The order and the names of the fields are INTERFACE's.
private let okObject =
  #"{"path":"a.jpg","status":"ok","caption":"a dog","confidence":0.6964,"log_probability":-5.9311,"#
  + #""words":[{"word":"a","probability":0.97},{"word":"dog","probability":0.5}],"#
  + #""alternatives":[{"caption":"cats","log_probability":-6.4}],"#
  + #""width":4032,"height":3024,"milliseconds":14.2,"model":"caption-flickr8k"}"#
private let failedObject =
  #"{"path":"b.jpg","status":"error","error":{"kind":"undecodable","message":"cut \"short\", odd"}}"#

@Test func jsonLines() {
  #expect(written(.jsonl, [done("a.jpg"), failed("b.jpg")]) == okObject + "\n" + failedObject + "\n")
}

@Test func jsonIsAnArrayOfAnyLength() {
  #expect(written(.json, []) == "[]\n")
  #expect(written(.json, [failed("b.jpg")]) == "[\n\(failedObject)\n]\n")
  #expect(written(.json, [done("a.jpg"), failed("b.jpg")]) == "[\n\(okObject),\n\(failedObject)\n]\n")
}

@Test func textHasALineACaption() {
  #expect(written(.text, [failed("b.jpg"), done("a.jpg")]) == "a.jpg\ta dog\na.jpg\tcats\n")
  #expect(written(.text, showsPaths: false, [done("a.jpg", captions[..<1])]) == "a dog\n")
}

@Test func csvQuotesWhatItMust() {
  let lines = written(.csv, [done("a,\"b\"\n.jpg"), failed("b.jpg")])
  let expected =
    "path,status,rank,caption,confidence,log_probability,width,height,milliseconds,model,error_kind,error_message\r\n"
    + "\"a,\"\"b\"\"\n.jpg\",ok,1,a dog,0.6964,-5.9311,4032,3024,14.2,caption-flickr8k,,\r\n"
    + "\"a,\"\"b\"\"\n.jpg\",ok,2,cats,1,-6.4,4032,3024,14.2,caption-flickr8k,,\r\n"
    + "b.jpg,error,,,,,,,,,undecodable,\"cut \"\"short\"\", odd\"\r\n"
  #expect(lines == expected)
}

@Test func namesThatAreNotUTF8() {
  let bytes: [UInt8] = [0x61, 0xFF, 0xC3, 0xA9, 0xC3]
  let path = FilePath(argument: FilePath.escaped(bytes))
  #expect(path.bytes == bytes)
  #expect(path.text == "a\u{FFFD}é\u{FFFD}")
  var writer = CaptionWriter(.text, showsPaths: true)
  let result = done(FilePath.escaped(bytes), captions[..<1])
  #expect(writer.entry(result) == bytes + Array("\ta dog\n".utf8))
  #expect(result.json.text.hasPrefix("{\"path\":\"a\u{FFFD}é\u{FFFD}\""))
  #expect(FilePath.escaped(Array("é🐕".utf8)) == "é🐕")
}
