import Files
import Foundation
import Narration
import Server
import Testing

@Suite struct QueueTests {
  private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent()
    .deletingLastPathComponent()
  private let picture: SentPicture
  private let captioner: Captioner

  init() async throws {
    let bytes = try Data(contentsOf: Self.root.appendingPathComponent("assets/cat.jpg"))
    picture = .bytes([UInt8](bytes))
    let model = Self.root.appendingPathComponent("models/caption-everyday")
    captioner = try await Captioner(.folder(model), compute: ComputeOptions(threads: 2))
  }

  /// However many are searched at once, captions are those of one alone, each as it was asked for.
  @Test func manyAreCaptionedAsOneIs() async throws {
    let queue = PictureQueue(captioner, capacity: 100)
    let alone = try await queue.describe(picture, options: CaptionOptions(), client: nil)
    #expect(alone.captions.count == 1 && alone.width == 451 && alone.height == 300)
    try await withThrowingTaskGroup(of: Bool.self) { group in
      for number in 0..<24 {
        group.addTask {
          let top = 1 + number % 2
          let described = try await queue.describe(picture, options: CaptionOptions(top: top), client: nil)
          return described.captions.count == top && described.captions[0].text == alone.captions[0].text
        }
      }
      for try await isRight in group { #expect(isRight) }
    }
    #expect(queue.count == 0)
    let broken = SentPicture.bytes([0xFF, 0xD8, 0xFF, 0xE0])
    await #expect(throws: NarrationError.self) {
      try await queue.describe(broken, options: CaptionOptions(), client: nil)
    }
  }

  /// One client has half of the queue at most, and a full queue takes nobody.
  @Test func whatIsTooMuchIsRefused() async throws {
    let queue = PictureQueue(captioner, capacity: 4)
    func statuses(_ count: Int, client: @escaping @Sendable (Int) -> String?) async -> [Int: Int] {
      await withTaskGroup(of: Int.self) { group in
        for number in 0..<count {
          group.addTask {
            do {
              _ = try await queue.describe(picture, options: CaptionOptions(), client: client(number))
              return 200
            } catch {
              return (error as? Problem)?.code ?? 0
            }
          }
        }
        return await group.reduce(into: [:]) { $0[$1, default: 0] += 1 }
      }
    }
    let one = await statuses(30) { _ in "10.0.0.1" }
    #expect(one[429] ?? 0 > 0 && one[503] == nil && one[200] ?? 0 >= 2, "\(one)")
    let many = await statuses(60) { _ in nil }
    #expect(many[503] ?? 0 > 0 && many[429] == nil && many[200] ?? 0 >= 4, "\(many)")
    #expect(queue.count == 0)
    #expect(await statuses(1) { _ in "10.0.0.1" } == [200: 1])
  }
}
