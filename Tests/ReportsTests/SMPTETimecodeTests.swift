import Media
import Reports
import Testing

@Suite struct SMPTETimecodeTests {
  private let ntsc = FrameRate(30_000, 1001)
  private let twice = FrameRate(60_000, 1001)
  private let pal = FrameRate(25)

  private func text(_ frames: Int, _ rate: FrameRate, drops: Bool = true) -> String {
    SMPTETimecode(frames: frames, rate: rate, dropsFrames: drops).description
  }

  /// SMPTE ST 12-1: numbers 00 and 01 of each minute are left out, but not those of every tenth.
  @Test func numbersAreLeftOut() {
    #expect(text(1799, ntsc) == "00:00:59;29" && text(1800, ntsc) == "00:01:00;02")
    #expect(text(17_981, ntsc) == "00:09:59;29" && text(17_982, ntsc) == "00:10:00;00")
    #expect(text(107_892, ntsc) == "01:00:00;00")
    #expect(text(3599, twice) == "00:00:59;59" && text(3600, twice) == "00:01:00;04")
    #expect(text(35_964, twice) == "00:10:00;00")
    #expect(text(1800, ntsc, drops: false) == "00:01:00:00")
    // Rates that keep up with the clock by themselves, or by no rule.
    #expect(text(1500, pal) == "00:01:00:00" && text(1440, FrameRate(24_000, 1001)) == "00:01:00:00")
    #expect(text(120 * 61 + 100, FrameRate(120)) == "00:01:01:100")
  }

  /// A timecode that leaves numbers out is never two frames away from the clock.
  @Test func theClockIsKept() {
    for hours in 0..<24 {
      let frames = Int((Double(hours) * 3600 * 30_000 / 1001).rounded())
      let label = SMPTETimecode(frames: frames, rate: ntsc, dropsFrames: true).description
      let fields = label.split { ":;".contains($0) }.compactMap { Int($0) }
      let seconds = Double(fields[0] * 3600 + fields[1] * 60 + fields[2]) + Double(fields[3]) / 30
      #expect(abs(seconds - Double(hours) * 3600) < 2.6 / 30)
    }
  }

  /// Every frame of a day has a timecode of its own, which is read back.
  @Test func timecodesAreReadBack() throws {
    for (rate, drops, step) in [(ntsc, true, 7), (twice, true, 13), (ntsc, false, 11), (pal, false, 17)] {
      var last = ""
      for frames in stride(from: 0, to: 86_300 * rate.nominal * (drops ? 999 : 1000) / 1000, by: step) {
        let timecode = SMPTETimecode(frames: frames, rate: rate, dropsFrames: drops)
        let text = timecode.description
        guard SMPTETimecode(text, rate: rate) == timecode, text > last else {
          Issue.record("\(text) after \(last)")
          return
        }
        last = text
      }
    }
  }

  @Test(arguments: [
    "", "01:00:00", "00:01:00;00", "00:01:00;01", "00:00:00:30", "24:00:00:00", "00:60:00:00", "00:00:60:00",
    "-1:00:00:00", "00:00:00:0x", "00;00;00;00", "1:2:3:99999999999999999999", "00:00:00:00:00",
  ])
  func whatIsNoTimecodeIsNone(_ text: String) { #expect(SMPTETimecode(text, rate: ntsc) == nil) }

  @Test func separatorsSayWhetherNumbersAreLeftOut() throws {
    for text in ["01:00:00;00", "01:00:00.00", "01:00:00,00"] {
      #expect(try #require(SMPTETimecode(text, rate: ntsc)).frames == 107_892)
    }
    let whole = try #require(SMPTETimecode("01:00:00:00", rate: ntsc))
    #expect(whole.frames == 108_000 && !whole.dropsFrames)
    #expect(try #require(SMPTETimecode("01:00:00;00", rate: pal)).description == "01:00:00:00")
    #expect(SMPTETimecode.hour(ntsc, dropsFrames: true).description == "01:00:00;00")
    #expect(SMPTETimecode.hour(ntsc, dropsFrames: false).frames == 108_000)
  }

  @Test func aDayEndsWithItsBeginning() throws {
    let last = try #require(SMPTETimecode("23:59:59;29", rate: ntsc))
    #expect((last + 1).description == "00:00:00;00" && (last + 1 + -1) == last)
    #expect(text(-1, pal) == "23:59:59:24")
  }
}
