import Foundation
import Reports
import TestSupport
import Testing

@Suite struct TranscriptTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func cues(_ bytes: [UInt8]) throws -> [Transcript.Cue] {
    try Transcript(contentsOf: folder.write(bytes, "talk").path).cues
  }

  private func cues(_ text: String) throws -> [Transcript.Cue] { try cues(Array(text.utf8)) }

  @Test func subRipAndWebVTTAreRead() throws {
    let wanted = [
      Transcript.Cue(start: 1, end: 2.5, text: "Hello there"),
      Transcript.Cue(start: 3723.004, end: 3724, text: "Bye & so"),
    ]
    #expect(
      try cues(
        "1\r\n00:00:01,000 --> 00:00:02,500\r\n<i>Hello</i>\r\nthere\r\n\r\n2\r\n01:02:03,004 --> 01:02:04,000 X1:40\r\n{\\an8}Bye &amp; so\r\n"
      ) == wanted)
    #expect(
      try cues(
        "\u{FEFF}WEBVTT - talk\nKind: captions\n\nNOTE not this\n\nSTYLE\n::cue { }\n\nfirst\n00:01.000 --> 00:02.500 align:start\n<v Ann>Hello\u{A0}</v>there\n\n01:02:03.004 --> 01:02:04.000\nBye &amp; so"
      ) == wanted)
  }

  @Test func otherEncodingsAreRead() throws {
    let text = "1\n00:00:01,000 --> 00:00:02,000\nCafé\n"
    for encoding in [String.Encoding.isoLatin1, .utf16, .utf8] {
      #expect(try cues(Array(try #require(text.data(using: encoding)))).map(\.text) == ["Café"])
    }
  }

  /// Out of order, backwards, without a line between, and what does something to a terminal.
  @Test func oddCuesAreTakenAsTheyCan() throws {
    let read = try cues(
      "00:05.000 --> 00:04.000\nb\n00:01.000 --> 00:02.000\na\u{1B}[31m\n\n00:09.000 --> 00:10.000\n\n")
    #expect(read.map(\.text) == ["a\\u{1B}[31m", "b"] && read[1].end == 5)
  }

  @Test(arguments: [
    "", "no subtitles", "WEBVTT\n\n", "aa:bb --> cc:dd\nx", "1e9:00 --> 2e9:00\nx", "-1:00 --> 0:01\nx",
  ])
  func whatHasNoCueIsRefused(text: String) {
    #expect(throws: InputFailure.self) { try cues(text) }
  }

  @Test func whatIsNotThereIsRefused() {
    #expect(throws: InputFailure(kind: .missing, message: "no such file or directory")) {
      try Transcript(contentsOf: folder.path("none.srt"))
    }
  }

  /// A cue belongs to the stretch in which its middle is; players' times begin with the first frame.
  @Test func whatIsSaidGoesToItsStretch() {
    let transcript = Transcript(cues: [
      .init(start: 0, end: 1, text: "a"), .init(start: 1.8, end: 2.6, text: "b"),
      .init(start: 2, end: 9, text: "c"),
      .init(start: 90, end: 91, text: "d"),
    ])
    let stretches = [(start: 10.0, end: 12.0), (start: 12.0, end: 14.0), (start: 14.0, end: 20.0)]
    #expect(transcript.spoken(in: stretches, start: 10) == ["a", "b", "c"])
    #expect(transcript.spoken(in: [], start: 10).isEmpty)
  }
}
