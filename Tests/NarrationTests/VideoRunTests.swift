import Dispatch
import Foundation
import Narration
import Testing

@Suite struct VideoRunTests {
  /// Behind a run that keeps the only thread: cancelled by hand, or let go.
  @Test(.timeLimit(.minutes(10))) func progressEndsWithARunThatNeverBegan() async throws {
    let (workers, gate) = (Workers(1), DispatchSemaphore(value: 0))
    let busy = VideoRun<Int>(workers) { _ in
      gate.wait()
      return 1
    }
    let cancelled = VideoRun<Int>(workers) { _ in 2 }
    cancelled.cancel()
    for await _ in cancelled.progress { Issue.record("nothing was begun") }
    await #expect(throws: NarrationError.self) { try await cancelled.value }
    for await _ in VideoRun<Int>(workers, { _ in 3 }).progress { Issue.record("nothing was begun") }
    gate.signal()
    #expect(try await busy.value == 1)
    for await _ in busy.progress {}
  }

  @Test func aFilesCaptionsOrItsErrorComeBackFromJSON() throws {
    let words = ["a", "dog"].map { Caption.Word(text: $0, probability: 0.5, attention: [1]) }
    let files = [
      FileCaption(
        url: URL(fileURLWithPath: "/a.jpg"), result: .success([Caption(words: words, logProbability: -1)])),
      FileCaption(
        url: URL(fileURLWithPath: "/b.jpg"),
        result: .failure(NarrationError(.empty, file: "/b.jpg", reason: "empty"))),
    ]
    let data = try JSONEncoder().encode(files)
    #expect(try JSONDecoder().decode([FileCaption].self, from: data) == files)
    let none = Data(#"{"url":"file:///a.jpg","captions":[]}"#.utf8)
    #expect(throws: DecodingError.self) { try JSONDecoder().decode(FileCaption.self, from: none) }
  }
}
