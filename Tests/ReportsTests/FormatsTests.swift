import Files
import Models
import Narration
import Reports
import Testing

private let captions = [
  Caption(
    words: [
      Caption.Word(text: "a", probability: 0.97, attention: []),
      Caption.Word(text: "dog", probability: 0.5, attention: []),
    ], logProbability: -5.93111),
  Caption(words: [Caption.Word(text: "cats", probability: 1, attention: [])], logProbability: -6.4),
]

private func done(_ path: String, _ captions: ArraySlice<Caption> = captions[...]) -> CaptionResult {
  done(GivenPath(path), captions)
}

private func done(_ path: GivenPath, _ captions: ArraySlice<Caption>) -> CaptionResult {
  CaptionResult(
    path: path,
    outcome: .success(
      CaptionResult.Described(
        captions: Array(captions), width: 4032, height: 3024, milliseconds: 14.23, model: "caption-everyday"))
  )
}

private func failed(_ path: String) -> CaptionResult {
  CaptionResult(
    path: GivenPath(path),
    outcome: .failure(InputFailure(kind: .undecodable, message: "cut \"short\", odd")))
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
  + #""width":4032,"height":3024,"milliseconds":14.2,"model":"caption-everyday"}"#
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

@Test func unsureCaptionsSaySoAndOfferTags() {
  let tags = [
    Caption.Tag(text: "web site", probability: 0.51236), Caption.Tag(text: "menu", probability: 0.2),
  ]
  func unsure(_ tags: [Caption.Tag]) -> CaptionResult {
    let words = captions[0].words
    return done(
      "a.jpg", [Caption(words: words, logProbability: -5, confidence: 0.125, isUnsure: true, tags: tags)])
  }
  #expect(written(.text, [unsure(tags)]) == "a.jpg\tunsure: a dog; perhaps: web site, menu\n")
  #expect(written(.text, [unsure([])]) == "a.jpg\tunsure: a dog\n")
  let object = written(.jsonl, [unsure(tags)])
  #expect(object.contains(#""confidence":0.125"#))
  #expect(
    object.contains(
      #""tags":[{"tag":"web site","probability":0.5124},{"tag":"menu","probability":0.2}],"width""#))
  #expect(written(.jsonl, [unsure([])]).contains(#""tags":[],"#))
  #expect(written(.csv, [unsure(tags)]).hasSuffix("caption-everyday,,,,,true,web site; menu\r\n"))
}

@Test func csvQuotesWhatItMust() {
  let lines = written(.csv, [done("a,\"b\"\n.jpg"), failed("b.jpg")])
  let expected =
    "path,status,rank,caption,confidence,log_probability,width,height,milliseconds,model,error_kind,error_message,start,end,unsure,tags\r\n"
    + "\"a,\"\"b\"\"\\n.jpg\",ok,1,a dog,0.6964,-5.9311,4032,3024,14.2,caption-everyday,,,,,false,\r\n"
    + "\"a,\"\"b\"\"\\n.jpg\",ok,2,cats,1,-6.4,4032,3024,14.2,caption-everyday,,,,,false,\r\n"
    + "b.jpg,error,,,,,,,,,undecodable,\"cut \"\"short\"\", odd\",,,,\r\n"
  #expect(lines == expected)
}

/// What a spreadsheet would calculate is text to it; numbers stay numbers.
@Test(arguments: ["=1+2.jpg", "+a.jpg", "-a.jpg", "@a.jpg", "\u{FF1D}a.jpg"])
func csvHasNoFormulas(path: String) {
  let caption = Caption(
    words: [Caption.Word(text: "=cmd", probability: 1, attention: [])], logProbability: -6.4)
  let record = written(.csv, [done(path, [caption])]).split(separator: "\r\n")[1]
  #expect(record.hasPrefix("'\(path),ok,1,'=cmd,1,-6.4,4032,"))
  let failure = InputFailure(kind: .missing, message: "@SUM(1)")
  let failed = written(.csv, [CaptionResult(path: GivenPath(path), outcome: .failure(failure))])
  #expect(failed.contains("'\(path),error,") && failed.contains(",missing,'@SUM(1),"))
}

/// Names may hold anything: in text and CSV it is escaped, in JSON and with NULs it is all there.
@Test func namesDoNothingToTerminals() {
  let name = "a\n\tb\u{1B}[31m\u{9B}c\u{202E}é"
  let shown = #"a\n\tb\u{1B}[31m\u{009B}c\u{202E}é"#
  let result = done(name, captions[..<1])
  #expect(written(.text, [result]) == shown + "\ta dog\n")
  #expect(written(.csv, [result]).contains("\n" + shown + ",ok,"))
  #expect(
    written(.jsonl, [result]).hasPrefix(#"{"path":"a\n\tb\u001b[31m\u009bc\u202eé","status":"ok""#))
  var writer = CaptionWriter(.text, showsPaths: true, isNullTerminated: true)
  #expect(writer.entry(result) + writer.entry(result) == Array("\(name)\ta dog\0\(name)\ta dog\0".utf8))
  let word = Caption.Word(text: "dog\u{1B}[2J", probability: 1, attention: [])
  let evil = done("a", [Caption(words: [word], logProbability: 0)])
  #expect(written(.text, [evil]) == "a\tdog" + #"\u{1B}[2J"# + "\n")
}

@Test func messagesAreBounded() {
  let failure = InputFailure(kind: .undecodable, message: "a" + String(repeating: "é", count: 10_000) + "z")
  #expect(failure.message.count == 500 && failure.message.hasPrefix("aé") && failure.message.hasSuffix("éz"))
}

@Test func namesThatAreNotUTF8() {
  let bytes: [UInt8] = [0x61, 0xFF, 0xC3, 0xA9, 0xC3]
  let path = GivenPath(bytes: bytes)
  #expect(path.text == "a\u{FFFD}é\u{FFFD}")
  var writer = CaptionWriter(.text, showsPaths: true)
  let result = done(path, captions[..<1])
  #expect(writer.entry(result) == bytes + Array("\ta dog\n".utf8))
  #expect(result.json().text.hasPrefix("{\"path\":\"a\u{FFFD}é\u{FFFD}\""))
}

private func video() -> CaptionResult {
  let stretches = [
    ClipCaption(start: 0, end: 10, captions: captions),
    ClipCaption(start: 10, end: 3725.042, captions: Array(captions[1...])),
  ]
  return CaptionResult(
    path: GivenPath("a.mp4"),
    outcome: .success(
      CaptionResult.Described(
        captions: captions, stretches: stretches, width: 640, height: 360, milliseconds: 5, model: "m")))
}

@Test func aVideosStretchesHaveTheirTimes() {
  #expect(written(.text, [video()]) == "a.mp4\ta dog\na.mp4\tcats\n")
  var writer = CaptionWriter(.text, showsPaths: false, showsTimes: true)
  let text = String(decoding: writer.entry(video()), as: UTF8.self)
  #expect(text == "0.000\t10.000\ta dog\n0.000\t10.000\tcats\n10.000\t3725.042\tcats\n")
  let json = video().json(timed: true).text
  #expect(
    json.hasPrefix(
      #"{"path":"a.mp4","status":"ok","captions":[{"start":0,"end":10,"caption":"a dog","confidence":"#))
  #expect(json.contains(#"{"start":10,"end":3725.042,"caption":"cats""#))
  #expect(written(.csv, [video()]).contains("a.mp4,ok,1,cats,1,-6.4,640,360,5,m,,,10,3725.042,false,\r\n"))
}

/// Of a file whose first frame is shown at `start`.
private func video(from start: Double) -> CaptionResult {
  let stretches = [
    ClipCaption(start: start, end: start + 5, captions: captions),
    ClipCaption(start: start + 5, end: start + 5, captions: captions),
  ]
  return CaptionResult(
    path: GivenPath("a.ts"),
    outcome: .success(
      CaptionResult.Described(
        captions: captions, stretches: stretches, width: 640, height: 360, milliseconds: 5, model: "m")))
}

@Test(arguments: [-10.318, 0, 5001.4, 1e9])
func subtitlesBeginWithTheFirstFrame(start: Double) {
  let fromZero = "00:00:00,000 --> 00:00:05,000\na dog\n\n2\n00:00:05,000 --> 00:00:05,001\na dog\n"
  #expect(written(.srt, [video(from: start)]) == "1\n" + fromZero)
  // What is no subtitle has the file's times, unless told otherwise.
  let object = video(from: start).json(timed: true).text
  var writer = CaptionWriter(.jsonl, showsPaths: true, showsTimes: true)
  #expect(String(decoding: writer.entry(video(from: start)), as: UTF8.self) == object + "\n")
  writer = CaptionWriter(.text, showsPaths: false, showsTimes: true, origin: .zero)
  #expect(
    String(decoding: writer.entry(video(from: start)), as: UTF8.self).hasPrefix("0.000\t5.000\ta dog\n"))
  // The file's own, but for those before 0, which subtitles do not know.
  writer = CaptionWriter(.vtt, showsPaths: false, origin: .file)
  let own = String(decoding: writer.entry(video(from: start)), as: UTF8.self)
  switch start {
  case 5001.4: #expect(own.hasPrefix("\n01:23:21.400 --> 01:23:26.400\na dog\n"))
  case 1e9: #expect(own.hasPrefix("\n277777:46:40.000 --> 277777:46:45.000\na dog\n"))
  default: #expect(own.hasPrefix("\n00:00:00.000 --> 00:00:05.000\na dog\n"))
  }
}

@Test func timesOfPeople() {
  #expect(
    Timecode.short(-10.3) == "-0:10" && Timecode.short(-0.3) == "0:00" && Timecode.short(3723) == "1:02:03")
  for absurd in [Double.nan, .infinity, -.infinity, 1e300] {
    #expect(
      !Timecode.short(absurd).isEmpty && Timecode.cue(absurd, -absurd, isSubRip: true).contains(" --> "))
  }
}

@Test func subtitlesHaveACueAStretch() {
  #expect(
    written(.vtt, [video()])
      == "WEBVTT\n\n00:00:00.000 --> 00:00:10.000\na dog\n\n00:00:10.000 --> 01:02:05.042\ncats\n")
  #expect(
    written(.srt, [video()])
      == "1\n00:00:00,000 --> 00:00:10,000\na dog\n\n2\n00:00:10,000 --> 01:02:05,042\ncats\n")
}
