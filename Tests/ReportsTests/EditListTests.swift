import Files
import Foundation
import Media
import Narration
import Reports
import Testing

/// What is written for editing programs and players.
@Suite struct EditListTests {
  /// - Parameter bounds: where shots begin, in frames, and the end of the last
  private func list(
    _ bounds: [Int], at rate: FrameRate = FrameRate(30_000, 1001), timecode: String? = nil, start: Double = 0,
    captions: [String?] = [], sound: Bool = false, origin: TimeOrigin = .zero,
    times given: [Double]? = nil
  ) -> EditList {
    let times = given ?? (0..<(bounds.last ?? 0)).map { start + rate.seconds($0) }
    let end = start + rate.seconds(bounds.last ?? 0)
    let timing = FrameTiming(
      times: times, end: given.map { $0[$0.count - 1] + 0.04 } ?? end,
      ClockFacts(
        tick: Fraction(1, 30_000), frameRate: rate.fraction, timecode: timecode,
        sound: sound ? ClockFacts.Sound(channels: 2, rate: 48_000) : nil))
    let shots = zip(bounds, bounds.dropFirst()).enumerated().map { index, bound in
      EditList.Shot(
        start: times[bound.0], end: bound.1 < times.count ? times[bound.1] : timing.end,
        frames: bound.0..<bound.1, kind: index == 0 ? .start : .cut, confidence: index == 0 ? 1 : 0.9,
        caption: captions.indices.contains(index) ? captions[index] : nil)
    }
    let chapters = shots.enumerated().map { index, shot in
      EditList.Chapter(
        start: shot.start, end: shot.end, title: shot.caption ?? "Shot \(index + 1)")
    }
    return EditList(
      EditList.Media(GivenPath("/films/a b.mp4"), width: 640, height: 360), timing, shots: shots,
      chapters: chapters, origin: origin)
  }

  @Test func anEDLHasSourceAndRecordTimecodes() {
    let list = list([0, 1800, 1830], timecode: "10:00:00;00", captions: ["a dog", nil])
    #expect(
      list.text(.edl) == """
        TITLE: a b.mp4
        FCM: DROP FRAME

        001  AX       V     C        10:00:00;00 10:01:00;02 01:00:00;00 01:01:00;02
        * FROM CLIP NAME: a b.mp4
        * COMMENT: a dog

        002  AX       V     C        10:01:00;02 10:01:01;02 01:01:00;02 01:01:01;02
        * FROM CLIP NAME: a b.mp4

        """)
  }

  /// Where nothing is said, timecodes are those that keep up with the clock.
  @Test func timecodesFollowTheFile() {
    #expect(list([0, 10]).text(.edl)?.contains("FCM: DROP FRAME\n") == true)
    let whole = list([0, 10], timecode: "00:59:00:00").text(.edl) ?? ""
    #expect(
      whole.contains("FCM: NON-DROP FRAME\n") && whole.contains(" 00:59:00:00 00:59:00:10 01:00:00:00 "))
    #expect(list([0, 10], at: FrameRate(25)).text(.edl)?.contains("FCM: NON-DROP FRAME\n") == true)
    let odd = list([0, 10], timecode: "00:01:00;00")
    #expect(odd.warnings([.edl]).count == 1 && odd.text(.edl)?.contains(" 00:00:00;00 00:00:00;10 ") == true)
  }

  @Test func markersHaveCaptions() {
    let text = list([0, 45, 60], captions: ["a | b\nc", nil]).text(.markers) ?? ""
    #expect(
      text.contains(
        """
        001  001      V     C        01:00:00;00 01:00:00;01 01:00:00;00 01:00:00;01
        start 1.00 |C:ResolveColorBlue |M:a / b\\nc |D:1

        002  001      V     C        01:00:01;15 01:00:01;16 01:00:01;15 01:00:01;16
        cut 0.90 |C:ResolveColorBlue |M:Shot 2 |D:1
        """))
  }

  @Test func recordsSayFramesSecondsAndTimecode() {
    let text =
      list([0, 50, 75], at: FrameRate(25), start: 0.5, captions: ["a dog, \"b\"", "=1"]).text(.csv) ?? ""
    #expect(
      text
        == "number,start_frame,end_frame,start,end,start_timecode,end_timecode,length,kind,confidence,caption\r\n"
        + "1,0,50,0.5,2.5,00:00:00:00,00:00:02:00,2,start,1,\"a dog, \"\"b\"\"\"\r\n"
        + "2,50,75,2.5,3.5,00:00:02:00,00:00:03:00,1,cut,0.9,'=1\r\n")
  }

  @Test func chaptersAreForPlayers() {
    let list = list([0, 50, 75], at: FrameRate(25), start: 0.5, captions: ["a <b>", "c;d=e#f\\g\nh"])
    let matroska = list.text(.matroska) ?? ""
    #expect(matroska == list.text(.jellyfin))
    #expect(
      matroska.contains("<ChapterTimeStart>00:00:00.000000000</ChapterTimeStart>")
        && matroska.contains("<ChapterTimeEnd>00:00:02.000000000</ChapterTimeEnd>")
        && matroska.contains("<ChapterString>a &lt;b&gt;</ChapterString>"))
    #expect(
      list.text(.ffmetadata) == ";FFMETADATA1\n[CHAPTER]\nTIMEBASE=1/30000\nSTART=0\nEND=60000\ntitle=a <b>\n"
        + "[CHAPTER]\nTIMEBASE=1/30000\nSTART=60000\nEND=90000\ntitle=c\\;d\\=e\\#f\\\\g\\\\nh\n")
    // The file's own times, where somebody wants them.
    let own = self.list([0, 50, 75], at: FrameRate(25), start: 0.5, origin: .file).text(.ffmetadata) ?? ""
    #expect(own.contains("START=15000\n"))
  }

  private func description(_ seconds: [Int], _ captions: [String?] = []) -> String? {
    list([0] + seconds, at: FrameRate(1), captions: captions).text(.youtube)
  }

  /// At least three, of ten seconds each, the first at 0:00.
  @Test func descriptionsFollowTheRules() {
    #expect(description([10, 20, 30]) == "0:00 Shot 1\n0:10 Shot 2\n0:20 Shot 3\n")
    #expect(description([10, 20, 29]) == nil && description([40]) == nil && description([1, 2, 3]) == nil)
    // The longest gives a chapter its name.
    #expect(description([3, 14, 15, 26, 70], ["a", "b", "c", "d", "e"]) == "0:00 b\n0:14 d\n0:26 e\n")
    #expect(
      description([3, 14, 15, 26, 36, 40], ["a", "b", "c", "d", "e", "f"]) == "0:00 b\n0:14 d\n0:26 e\n")
    #expect(description([3700, 3720, 7300], ["a", "b", "c"]) == "0:00 a\n1:01:40 b\n1:02:00 c\n")
  }

  @Test func finalCutHasFractions() throws {
    let list = list([0, 90, 120], timecode: "01:00:00;00", captions: ["a \"dog\" & cat", nil], sound: true)
    let text = try #require(list.text(.fcpxml))
    #expect(
      text.hasPrefix(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!DOCTYPE fcpxml>\n<fcpxml version=\"1.9\">\n"))
    for part in [
      "<format id=\"r1\" frameDuration=\"1001/30000s\" width=\"640\" height=\"360\"/>",
      "start=\"107999892/30000s\" duration=\"1001/250s\"".replacing("1001/250s", with: "120120/30000s"),
      "hasAudio=\"1\" audioSources=\"1\" audioChannels=\"2\" audioRate=\"48000\"",
      "src=\"file:///films/a%20b.mp4\"", "tcStart=\"107999892/30000s\" tcFormat=\"DF\"",
      "offset=\"108089982/30000s\" name=\"a b.mp4\" start=\"108089982/30000s\" duration=\"30030/30000s\"",
      "value=\"a &quot;dog&quot; &amp; cat\"", "<chapter-marker",
    ] { #expect(text.contains(part), "\(part) in \(text)") }
    let pal = self.list([0, 50, 75], at: FrameRate(25)).text(.fcpxml) ?? ""
    #expect(pal.contains("offset=\"3602s\" name=\"a b.mp4\" start=\"2s\" duration=\"1s\""))
    #expect(!pal.contains("hasAudio"))
  }

  @Test func premiereHasFramesAndSoundBesideThem() throws {
    let text = try #require(list([0, 90, 120], captions: ["a dog"], sound: true).text(.xml))
    #expect(text.contains("<timebase>30</timebase>\n") && text.contains("<ntsc>TRUE</ntsc>\n"))
    #expect(text.components(separatedBy: "<clipitem id=").count - 1 == 6)
    #expect(text.components(separatedBy: "<pathurl>").count - 1 == 1)
    #expect(text.contains("<linkclipref>audio-2-2</linkclipref>") && text.contains("<name>a dog</name>"))
    #expect(list([0, 90]).text(.xml)?.contains("<audio>") == false)
  }

  @Test func timelinesHaveExactTimes() throws {
    struct Range: Decodable {
      struct Time: Decodable { let rate, value: Double }
      let start: Time
      let duration: Time

      enum CodingKeys: String, CodingKey {
        case start = "start_time"
        case duration
      }
    }
    func ranges(_ list: EditList) throws -> [[Double]] {
      let json = try JSONDecoder().decode(JSON.self, from: Data((list.text(.otio) ?? "").utf8))
      guard case .array(let tracks)? = json["tracks"]?["children"],
        case .array(let clips)? = tracks[0]["children"]
      else { return [] }
      return try clips.map { clip in
        let range = try JSONDecoder().decode(Range.self, from: Data((clip["source_range"]?.text ?? "").utf8))
        #expect(clip["OTIO_SCHEMA"]?.string == "Clip.2" && range.duration.rate == range.start.rate)
        return [range.start.rate, range.start.value, range.duration.value]
      }
    }
    let rate = 30_000.0 / 1001
    #expect(
      try ranges(list([0, 90, 120], timecode: "01:00:00;00")) == [[rate, 107_892, 90], [rate, 107_982, 30]])
    // Frames that come as they like are told in ticks of the file's clock.
    let times = [0, 0.1, 0.15, 0.4, 0.41, 0.9]
    #expect(try ranges(list([0, 3, 6], times: times)) == [[30_000, 0, 12_000], [30_000, 12_000, 16_200]])
  }

  @Test func whatCannotBeSaidIsAWarning() {
    let varying = list([0, 3, 6], times: [0, 0.1, 0.15, 0.4, 0.41, 0.9])
    #expect(varying.warnings([.edl, .xml]).count == 1 && varying.warnings([.edl])[0].contains("varies"))
    #expect(varying.warnings([.otio, .fcpxml, .csv, .matroska]).isEmpty)
    #expect(list([0, 90]).warnings(ExportKind.allCases).isEmpty)
    #expect(list([0, 90], at: FrameRate(17)).warnings([.edl])[0].contains("17 frames a second"))
    #expect(list([0, 90], at: FrameRate(15)).warnings(ExportKind.allCases).isEmpty)
    let many = list(Array(0...1100), at: FrameRate(25))
    #expect(many.warnings([.edl]).count == 1 && many.warnings([.edl])[0].hasPrefix("1100 events"))
    #expect(many.text(.edl)?.contains("\n1100  AX ") == true)
    // Two cuts within one frame of the timeline.
    let close = list([0, 1, 2, 4], at: FrameRate(30), times: [0, 0.5, 0.503, 0.9])
    #expect(close.warnings([.edl]).contains { $0.hasPrefix("1 shots too short") })
    #expect(close.text(.edl)?.contains("003  AX") == false)
  }
}

@Suite struct JoiningTests {
  @Test func theLightestGoWithTheirLighterNeighbors() {
    #expect(Joining.groups(of: [5, 1, 4, 9], atMost: 3) == [0..<1, 1..<3, 3..<4])
    #expect(Joining.groups(of: [1, 5, 9], atMost: 2) == [0..<2, 2..<3])
    #expect(Joining.groups(of: [9, 5, 1], atMost: 2) == [0..<1, 1..<3])
    #expect(Joining.groups(of: [9, 5, 1], atMost: 1) == [0..<3])
    #expect(Joining.groups(of: [9, 5, 1], atMost: 7) == [0..<1, 1..<2, 2..<3])
    #expect(Joining.groups(of: [], atMost: 1).isEmpty)
  }
}
