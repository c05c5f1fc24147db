import Files
import Foundation
import Media
import Models
import Narration
import Reports
import Synchronization

/// The service, once its model is loaded.
final class PictureStage: Sendable {
  private let loaded = Mutex<PictureService?>(nil)

  var isReady: Bool { loaded.withLock { $0 != nil } }

  /// Pictures that wait.
  var waiting: Int { loaded.withLock { $0?.queue.count ?? 0 } }

  func set(_ service: PictureService) { loaded.withLock { $0 = service } }

  /// - Throws: `Problem.loading`
  func service() throws(Problem) -> PictureService {
    guard let service = loaded.withLock(\.self) else { throw .loading }
    return service
  }
}

/// Captions what is sent: pictures by the queue, clips one after the other beside it.
struct PictureService: Sendable {
  let captioner: Captioner
  let queue: PictureQueue
  let clips: Lane
  let limits: ServerSettings.Limits
  private let metrics: Metrics

  init(_ captioner: Captioner, _ limits: ServerSettings.Limits, _ metrics: Metrics) {
    (self.captioner, self.limits, self.metrics) = (captioner, limits, metrics)
    queue = PictureQueue(captioner, capacity: limits.queue)
    clips = Lane(capacity: limits.videos)
  }

  /// - Throws: `Problem`, `NarrationError`
  func describe(
    _ bytes: [UInt8], _ question: CaptionQuestion, client: String?
  ) async throws -> CaptionResult.Described {
    guard !bytes.isEmpty else { throw Problem(.unprocessableContent, "empty", "an empty body") }
    let kind = MediaKind(bytes)
    if kind == .jpeg || kind == .png {
      return try await describe(.bytes(bytes), question, client: client)
    }
    return try await describe(TemporaryFile(bytes), question, client: client)
  }

  /// - Parameter file: of any kind
  func describe(
    _ file: TemporaryFile, _ question: CaptionQuestion, client: String?
  ) async throws -> CaptionResult.Described {
    guard try !MediaKind(contentsOf: file.path).isStill else {
      return try await describe(.file(file), question, client: client)
    }
    let start = ContinuousClock.now
    let limit = limits.duration
    let described = try await clips.take(clips.reserve()) {
      try await captioner.described(clip: file, options: question.options) { seconds in
        guard seconds <= limit else {
          throw NarrationError(.tooLarge, reason: "more than \(Int(limit)) seconds of video")
        }
      }
    }
    return result(described, question, since: start)
  }

  private func describe(
    _ picture: SentPicture, _ question: CaptionQuestion, client: String?
  ) async throws -> CaptionResult.Described {
    let start = ContinuousClock.now
    let described = try await queue.describe(picture, options: question.options, client: client)
    let result = result(described, question, since: start)
    metrics.captioned(seconds: result.milliseconds / 1000)
    return result
  }

  private func result(
    _ described: DescribedFile, _ question: CaptionQuestion, since start: ContinuousClock.Instant
  ) -> CaptionResult.Described {
    CaptionResult.Described(
      captions: described.captions, width: described.width, height: described.height,
      isDamaged: described.isDamaged, milliseconds: (ContinuousClock.now - start) / .milliseconds(1),
      model: captioner.model.name, grid: question.showsAttention ? captioner.model.grid : nil)
  }
}

extension CaptionResult.Described {
  /// The object of `narrate caption`, without a path.
  func json(id: JSON?) -> JSON {
    let result = CaptionResult(path: GivenPath(""), outcome: .success(self)).json()
    guard case .object(var fields) = result else { return result }
    fields.removeAll { $0.key == "path" }
    if let id { fields.insert(("id", id), at: 0) }
    return .object(fields)
  }
}
