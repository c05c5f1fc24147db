import Foundation
import Models
import Narration
import Reports
import Testing
import narrate

@Suite struct ProgressTests {
  private let bar = ProgressBar(
    task: "epoch 3/14", done: 120, total: 375,
    fields: [.init("loss", 3.14159, decimals: 3), .init("tokens_per_second", 3300.4, unit: "tokens/s")],
    seconds: 38)

  @Test func formatsALine() {
    #expect(
      bar.line(width: 100, hasColor: false)
        == "epoch 3/14 [#########---------------------] 120/375  loss 3.142  3300 tokens/s  1:21 left")
    #expect(
      bar.line(width: 70, hasColor: false)
        == "epoch 3/14 [###--------] 120/375  loss 3.142  3300 tokens/s  1:21 left")
    #expect(bar.line(width: 20, hasColor: false) == "epoch 3/14 120/375  ")
    #expect(bar.line(width: 0, hasColor: true) == "")
    let colored = bar.line(width: 100, hasColor: true)
    #expect(colored.contains("\u{1B}[32m#########\u{1B}[0m"))
    let plain = colored.replacingOccurrences(of: "\u{1B}\\[[0-9]*m", with: "", options: .regularExpression)
    #expect(plain == bar.line(width: 100, hasColor: false))
    for width in 0..<120 { #expect(bar.line(width: width, hasColor: false).count <= width) }
  }

  @Test func formatsJSON() throws {
    #expect(
      bar.json
        == #"{"event":"progress","task":"epoch 3/14","done":120,"total":375,"loss":3.142,"tokens_per_second":3300.400,"seconds":38.000,"seconds_left":80.750}"#
    )
    let odd = ProgressBar(task: "a\"\\\n", done: 0, total: 0, fields: [.init("loss", .nan)], seconds: 0)
    let object = try JSONSerialization.jsonObject(with: Data(odd.json.utf8)) as? [String: Any]
    #expect(object?["task"] as? String == "a\"\\\n")
    #expect(object?["loss"] is NSNull && object?["seconds_left"] is NSNull)
    #expect(odd.fraction == 1)
  }

  /// A run that goes on in the middle of an epoch is no faster for what was done before.
  @Test func thePaceIsThatOfThisRun() {
    let resumed = ProgressBar(task: "epoch 3", done: 120, total: 200, start: 100, seconds: 10)
    #expect(resumed.secondsLeft == 40)
    #expect(ProgressBar(task: "epoch 3", done: 100, total: 200, start: 100, seconds: 0).secondsLeft == nil)
  }

  @Test func tellsTime() {
    #expect(
      [0, 7.4, 59.6, 750, 3723, .infinity, -1].map(ProgressBar.clock) == [
        "0:00", "0:07", "1:00", "12:30", "1:02:03", "0:00", "0:00",
      ])
  }
}
