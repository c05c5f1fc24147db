import Files
import Foundation
import Media
import Models
import Narration
import TestSupport
import Testing

/// What outsiders call: `Tests/Outside` tries it with the shipped models, these with one of random weights.
@Suite struct PublicTests {
  private let model: TinyModel
  private let folder: TemporaryFolder

  init() throws { (model, folder) = (try TinyModel(), try TemporaryFolder()) }

  private static func picture(_ grey: UInt8) -> Image {
    Image(width: 4, height: 4, pixels: (0..<48).map { grey &+ UInt8($0) })
  }

  private func captioner(threads: Int) async throws -> Captioner {
    try await Captioner(.folder(model.folder), compute: .init(threads: threads, precision: .f32))
  }

  /// 10 frames a second, 16×16 pixels: each frame of another grey.
  private func video(frames: Int) throws -> URL {
    var video = RawVideo(width: 16, height: 16, rate: 10)
    for frame in 0..<frames { video.append { _, _ in UInt8(16 + frame % 200) } }
    return try folder.write(video.bytes, "video.y4m")
  }

  @Test func captionsAreTheSameForAnyNumberAtOnce() async throws {
    let engine = try CaptionEngine(model: model.folder, precision: .f32)
    var expected: [[Caption]] = []
    for grey in 0..<12 {
      expected.append(try engine.caption(Self.picture(UInt8(20 * grey)), options: .init(top: 3)))
    }
    for threads in [1, 3] {
      let captioner = try await captioner(threads: threads)
      let found = try await withThrowingTaskGroup(of: (Int, [Caption]).self) { group in
        for grey in 0..<12 {
          group.addTask {
            (grey, try await captioner.captions(Self.picture(UInt8(20 * grey)), options: .init(top: 3)))
          }
        }
        return try await group.reduce(into: [[Caption]](repeating: [], count: 12)) { $0[$1.0] = $1.1 }
      }
      #expect(found.map { $0.map(\.words) } == expected.map { $0.map(\.words) })
    }
  }

  @Test func filesComeInTheirOrder() async throws {
    let captioner = try await captioner(threads: 3)
    let engine = try CaptionEngine(model: model.folder, precision: .f32)
    var files: [URL] = []
    // What is public of a caption tells one picture from another.
    func figures(_ caption: Caption) -> [Double] {
      [caption.logProbability] + caption.words.map(\.probability)
    }
    var expected: [Int: [Double]] = [:]
    for index in 0..<40 {
      let name = "\(index).jpg"
      guard index % 7 != 3 else {
        files.append(folder.url.appendingPathComponent(name))
        continue
      }
      files.append(try folder.write(Self.picture(UInt8(6 * index)).jpegData(), name))
      expected[index] = figures(try engine.caption(Picture(contentsOf: files[index].path).image)[0])
    }
    #expect(Set(expected.values).count == expected.count)
    #expect(figures(try await captioner.caption(contentsOf: files[0])) == expected[0])
    var found: [FileCaption] = []
    for await file in captioner.captions(of: files) { found.append(file) }
    #expect(found.map(\.url) == files)
    for (index, file) in found.enumerated() {
      guard index % 7 == 3 else {
        #expect(figures(try file.caption) == expected[index])
        continue
      }
      #expect(file.result == .failure(NarrationError(.missing, file: file.url.path, reason: "no such file")))
    }
    var seen = 0
    for await _ in captioner.captions(of: files) {
      seen += 1
      if seen == 2 { break }
    }
    #expect(seen == 2)
  }

  @Test func aCaptionIsTheSameAfterJSON() async throws {
    let captions = try await captioner(threads: 1).captions(
      Data(Self.picture(80).jpegData()), options: .init(top: 5))
    let again = try JSONDecoder().decode([Caption].self, from: JSONEncoder().encode(captions))
    #expect(again == captions && captions.contains { !$0.words.isEmpty })
  }

  @Test func leavingALoopEndsItsWork() async throws {
    // Some minutes' work for the one worker.
    let video = try video(frames: 20_000)
    let captioner = try await captioner(threads: 1)
    let start = ContinuousClock.now
    for try await clip in captioner.captions(of: video, every: 0.1) {
      #expect(clip.start == 0)
      break
    }
    _ = try await captioner.caption(Self.picture(80))
    #expect(ContinuousClock.now - start < .seconds(20))
  }

  @Test func aCancelledTaskEndsItsWork() async throws {
    let video = try video(frames: 20_000)
    let captioner = try await captioner(threads: 1)
    let task = Task {
      var count = 0
      for try await _ in captioner.captions(of: video, every: 0.1) {
        count += 1
        if count == 2 { withUnsafeCurrentTask { $0?.cancel() } }
      }
    }
    await #expect(throws: NarrationError(.cancelled, reason: "cancelled")) { try await task.value }
    let late = Task {
      withUnsafeCurrentTask { $0?.cancel() }
      return try await captioner.caption(Self.picture(80))
    }
    await #expect(throws: NarrationError(.cancelled, reason: "cancelled")) { try await late.value }
  }

  @Test func aRunTellsHowFarItIsAndEndsWhenToldTo() async throws {
    let finder = try await ShotFinder(detection: .adaptive, compute: .init(threads: 1))
    let run = finder.run(on: try video(frames: 20))
    var seconds: [Double] = []
    for await progress in run.progress { seconds.append(progress.seconds) }
    #expect(abs(try #require(seconds.last) - 1.9) < 1e-9 && seconds == seconds.sorted())
    let shots = try await run.value
    #expect(shots.count == 1 && shots[0].frames == 0..<20 && shots[0].transition == .start)
    #expect(abs(shots[0].end - 2) < 0.101)
    let long = finder.run(on: try video(frames: 100_000))
    for await _ in long.progress { break }
    long.cancel()
    await #expect(throws: NarrationError(.cancelled, reason: "cancelled")) { try await long.value }
  }

  @Test func errorsAreOfOneKind() async throws {
    typealias Kind = NarrationError.Kind
    let errors: [(any Error, Kind, String?)] = [
      (MediaError.missing(path: "a"), .missing, "a"),
      (MediaError.unreadable(path: "a", reason: "r"), .unreadable, "a"),
      (MediaError.unsupported(path: "a", reason: "r"), .unsupported, "a"),
      (MediaError.undecodable(path: "a", reason: "r"), .undecodable, "a"),
      (MediaError.tooLarge(path: "a", reason: "r"), .tooLarge, "a"),
      (MediaError.empty(path: "a"), .empty, "a"),
      (ModelError.damaged(path: "m", reason: "r"), .model, "m"),
      (FileError(.write, path: "f", code: ENOSPC), .output, "f"),
      (CancellationError(), .cancelled, nil),
    ]
    for (error, kind, file) in errors {
      let told = NarrationError(error)
      #expect(told.kind == kind && told.file == file && !told.reason.isEmpty, "\(error)")
    }
    #expect(
      NarrationError(FileError(.write, path: "f", code: ENOSPC)).description
        == "f: cannot write: no space left on device")
    let captioner = try await captioner(threads: 1)
    await #expect(throws: NarrationError(.empty, reason: "the file is empty")) {
      try await captioner.caption(Data())
    }
    await #expect {
      try await captioner.caption(Self.picture(9), options: .init(style: "verse"))
    } throws: {
      ($0 as? NarrationError)?.kind == .usage
    }
    await #expect {
      try await Captioner(.folder(folder.url))
    } throws: {
      ($0 as? NarrationError)?.kind == .model
    }
  }
}
