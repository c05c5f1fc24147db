import Foundation
import Media
import Reports
import TestSupport
import Testing

@Suite struct TrickplayTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func gray(_ level: Int, _ width: Int = 160, _ height: Int = 90) -> Image {
    Image(
      width: width, height: height, pixels: [UInt8](repeating: UInt8(level), count: 3 * width * height))
  }

  /// - Parameter seconds: of each frame
  private func sheets(_ seconds: [Double], end: Double, duration: Double?) throws -> (
    text: String, sheets: [(name: String, image: Image)]
  ) {
    var sheets: [(name: String, image: Image)] = []
    let folder = folder
    var trickplay = Trickplay("a b", duration: duration) { name, bytes in
      sheets.append((name, try Picture(contentsOf: folder.write(bytes, name).path).image))
    }
    for (index, time) in seconds.enumerated() {
      try trickplay.append(time) { side in
        #expect(side == 90)
        return gray(index % 200)
      }
    }
    return (try trickplay.finish(end: end), sheets)
  }

  @Test func picturesStandWhereTheTextSays() throws {
    let (text, sheets) = try sheets((0..<60).map { 5 + Double($0) / 4 }, end: 20, duration: 15)
    #expect(
      text.hasPrefix(
        """
        WEBVTT

        00:00:00.000 --> 00:00:01.000
        a%20b.trickplay-1.jpg#xywh=0,0,160,90

        00:00:01.000 --> 00:00:02.000
        a%20b.trickplay-1.jpg#xywh=160,0,160,90

        """) && text.hasSuffix("00:00:14.000 --> 00:00:15.000\na%20b.trickplay-1.jpg#xywh=640,90,160,90\n"))
    #expect(sheets.map(\.name) == ["a b.trickplay-1.jpg"])
    let sheet = sheets[0].image
    #expect(sheet.width == 1600 && sheet.height == 180)
    // The twelfth picture is the frame of the eleventh second.
    #expect(abs(Int(sheet.pixels[3 * (135 * 1600 + 240)]) - 44) <= 2)
  }

  @Test func longVideosHaveSeveralSheets() throws {
    let (text, sheets) = try sheets((0..<2450).map { Double($0) }, end: 2450, duration: 2450)
    #expect(sheets.map(\.image.height) == [900, 900, 450] && sheets[2].name == "a b.trickplay-3.jpg")
    #expect(text.hasSuffix("00:40:40.000 --> 00:40:50.000\na%20b.trickplay-3.jpg#xywh=640,360,160,90\n"))
  }

  /// Frames that come seldom, one alone, and another size in mid-stream.
  @Test func oddStreamsAreShown() throws {
    let seldom = try sheets([0, 0.5, 35], end: 36, duration: nil).text
    #expect(
      seldom.contains("00:00:00.000 --> 00:00:35.000\n") && seldom.contains("00:00:35.000 --> 00:00:36.000\n")
    )
    let one = try sheets([3], end: 3, duration: 0)
    #expect(one.text.contains("00:00:00.000 --> 00:00:00.001\n") && one.sheets[0].image.width == 160)
    var sizes: [(Int, Int)] = []
    var trickplay = Trickplay("v", duration: 2) { _, bytes in
      let image = try Picture(contentsOf: folder.write(bytes, "sheet.jpg").path).image
      sizes.append((image.width, image.height))
    }
    try trickplay.append(0) { _ in gray(10, 720, 90) }
    try trickplay.append(1) { _ in gray(10, 90, 120) }
    #expect(
      try trickplay.finish(end: 2).contains("#xywh=320,0,320,90") && sizes.count == 1 && sizes[0] == (640, 90)
    )
  }
}
