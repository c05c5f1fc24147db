import Files
import HTTPTypes
import Logging
import Narration
import Server
import Testing

@Suite struct SettingsTests {
  @Test func strangersNeedAToken() throws {
    let logger = Logger(label: "test")
    var settings = ServerSettings()
    _ = try CaptionServer(settings, logger: logger)
    settings.host = "0.0.0.0"
    #expect(throws: ServerError.self) { try CaptionServer(settings, logger: logger) }
    for token in ["", "short", "has spaces in it", "übermäßig"] {
      settings.token = token
      #expect(throws: ServerError.self) { try CaptionServer(settings, logger: logger) }
    }
    settings.token = "long-enough"
    _ = try CaptionServer(settings, logger: logger)
  }

  @Test func problemsHaveTheirStatus() {
    let kinds: [(NarrationError.Kind, Int)] = [
      (.missing, 404), (.unreadable, 422), (.unsupported, 415), (.undecodable, 422), (.tooLarge, 413),
      (.empty, 422),
      (.usage, 400), (.output, 500), (.cancelled, 409),
    ]
    for (kind, status) in kinds {
      let problem = Problem(NarrationError(kind, reason: "why"))
      #expect(problem.code == status)
      #expect(
        problem.json.text
          == #"{"error":{"kind":"\#(kind.rawValue)","message":"why","code":\#(status)}}"#)
    }
    // A model may be put there later; where it was looked for is not told.
    let absent = Problem(NarrationError(.model, reason: "none in /home/me"))
    #expect(absent.code == 503 && absent.kind == "unavailable" && !absent.message.contains("/home"))
    // What is wrong inside is not told.
    struct Secret: Error {}
    #expect(!Problem(Secret()).message.contains("Secret") && Problem(Secret()).code == 500)
    #expect(Problem(CancellationError()).kind == "cancelled")
  }

  @Test func whatIsCountedIsPrometheus() {
    let metrics = Metrics()
    metrics.answered("/v1/caption", 200)
    metrics.answered("/v1/caption", 200)
    metrics.captioned(seconds: 0.03)
    let text = metrics.text([("narrate_x", "X.", 3)])
    #expect(text.contains("narrate_requests_total{route=\"/v1/caption\",status=\"200\"} 2\n"))
    #expect(text.contains("narrate_caption_seconds_bucket{le=\"0.02\"} 0\n"))
    #expect(text.contains("narrate_caption_seconds_bucket{le=\"0.05\"} 1\n"))
    #expect(text.contains("narrate_caption_seconds_count 1\n") && text.hasSuffix("narrate_x 3\n"))
  }
}
