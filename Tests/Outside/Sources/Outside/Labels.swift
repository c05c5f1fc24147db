import Foundation
import Narration
import Reports

struct Labels {
  let clip: URL

  func check() async throws {
    let labeler = try await ActionLabeler(.default)
    expect(!labeler.labels.isEmpty && !labeler.name.isEmpty, "the model is described")
    var segments: [Labeling.Segment] = []
    for try await segment in labeler.segments(of: clip) { segments.append(segment) }
    expect(segments.first?.start == 0, "segments begin with the clip")
    let run = labeler.run(on: clip, options: .init(top: 2))
    var seconds: [Double] = []
    for await progress in run.progress { seconds.append(progress.seconds) }
    let labeling = try await run.value
    expect(seconds == seconds.sorted() && !seconds.isEmpty, "progress goes forward")
    expect(labeling.segments.allSatisfy { $0.labels.count <= 2 }, "two labels a segment")
    expect(abs(labeling.duration - 4) < 0.1, "the clip lasts four seconds")
    try expectCoded(labeling)
    let timeline = try await TimelineReport(labeling, of: clip)
    expect(try timeline.png().starts(with: [0x89, 0x50]), "a timeline is drawn as PNG")
    expect(try timeline.svg().contains("<svg"), "a timeline is drawn as SVG")
    do {
      _ = try await labeler.label(clip, options: .init(window: .nan))
      expect(false, "a window that is no number")
    } catch { expect(error.kind == .usage, "\(error)") }
    let stopped = labeler.run(on: clip)
    stopped.cancel()
    do {
      _ = try await stopped.value
      expect(false, "a run that was cancelled has no value")
    } catch { expect(error.kind == .cancelled, "\(error)") }
  }
}
