import Foundation
import Narration
import Reports

struct Summaries {
  let clip: URL
  let folder: URL

  func check() async throws {
    let shots = try await ShotFinder(.default).shots(of: clip)
    expect(shots.map(\.transition) == [.start, .cut], "a cut in the middle: \(shots)")
    expect(shots.last?.frames == 50..<100 && shots.first?.end == 2, "where the cut is: \(shots)")
    try expectCoded(shots)
    let adaptive = try await ShotFinder(detection: .adaptive).shots(of: clip)
    expect(adaptive.map(\.start) == [0, 2], "found the plain way: \(adaptive)")

    let summarizer = try await Summarizer()
    let run = summarizer.run(on: clip, options: .init(keyFrames: 1))
    for await progress in run.progress { expect(progress.seconds >= 0, "progress") }
    let summary = try await run.value
    expect(summary.shots.count == 2 && abs(summary.duration - 4) < 0.1, "two shots")
    expect(summary.shots.flatMap(\.keyFrames).count == 1, "one key frame")
    try expectCoded(summary)

    let storyboard = folder.appendingPathComponent("storyboard")
    try SummaryReport(summary).write(to: storyboard)
    let names = try FileManager.default.contentsOfDirectory(atPath: storyboard.path).sorted()
    expect(names == ["captions.srt", "chapters.vtt", "index.html", "keyframes", "summary.json"], "\(names)")
    let picture = try Data(contentsOf: storyboard.appendingPathComponent("keyframes/0001.jpg"))
    expect(picture.starts(with: [0xFF, 0xD8]), "a key frame is a JPEG")
    do {
      try SummaryReport(summary).write(to: storyboard)
      expect(false, "what is there stays")
    } catch { expect(error.kind == .output, "\(error)") }
    try SummaryReport(summary).write(to: storyboard, replacing: true)
  }
}
