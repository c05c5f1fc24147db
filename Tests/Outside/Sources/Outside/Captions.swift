import Foundation
import Media
import Narration
import Reports

struct Captions {
  let photo: URL
  let clip: URL

  func check() async throws {
    let captioner = try await Captioner(.default)
    expect(!captioner.model.name.isEmpty && captioner.model.grid.rows > 0, "the model is described")
    let caption = try await captioner.caption(contentsOf: photo)
    print(caption.text)
    expect(caption.text.contains("dog"), "the photograph shows a dog")
    expect((0...1).contains(caption.confidence), "a confidence is a probability")
    try expectCoded(caption)

    let data = try Data(contentsOf: photo)
    let ofData = try await captioner.caption(data)
    expect(ofData == caption, "data are captioned as their file is")
    let picture = try Picture(contentsOf: photo.path)
    expect(try await !captioner.caption(picture.image).text.isEmpty, "a decoded picture has a caption")
    let strip = AttentionReport(caption, of: [picture.image], grid: captioner.model.grid)
    expect(try strip.png().starts(with: [0x89, 0x50]), "attention is drawn as PNG")
    let three = try await captioner.captions(contentsOf: photo, options: .init(top: 3))
    expect(three.count == 3, "three captions are wanted")

    // Many at once, each with a core, and in order.
    let missing = URL(fileURLWithPath: "/nowhere/none.jpg")
    var files: [FileCaption] = []
    for await file in captioner.captions(of: [photo, missing, photo, clip, photo]) { files.append(file) }
    expect(files.map(\.url) == [photo, missing, photo, clip, photo], "files come in their order")
    expect(try files[0].caption == caption && files[4].caption == caption, "the same for any number at once")
    expect(try !files[3].caption.text.isEmpty, "a clip has a caption")
    do {
      _ = try files[1].caption
      expect(false, "a missing file has no caption")
    } catch {
      expect(error.kind == .missing && error.file == missing.path, "\(error)")
    }
    let together = try await withThrowingTaskGroup(of: Caption.self) { group in
      for _ in 0..<8 { group.addTask { try await captioner.caption(contentsOf: photo) } }
      return try await group.reduce(into: [Caption]()) { $0.append($1) }
    }
    expect(together.count == 8 && together.allSatisfy { $0 == caption }, "tasks may share a captioner")
    try await checkErrors(captioner)
    try await checkStretches(captioner)
  }

  private func checkErrors(_ captioner: Captioner) async throws {
    do {
      _ = try await captioner.caption(contentsOf: photo, options: .init(beamWidth: 1_000_000_000))
      expect(false, "a beam of any width")
    } catch { expect(error.kind == .usage && error.file == nil, "\(error)") }
    do {
      _ = try await captioner.caption(Data("no picture".utf8))
      expect(false, "a text has no caption")
    } catch { expect(error.kind == .unsupported && error.file == nil, "\(error)") }
    do {
      _ = try await Captioner(.folder(URL(fileURLWithPath: "/nowhere")))
      expect(false, "a model that is not there")
    } catch { expect(error.kind == .model, "\(error)") }
    do {
      let caption = try await captioner.caption(contentsOf: photo)
      _ = try AttentionReport(caption, of: [], grid: captioner.model.grid).png()
      expect(false, "attention to nothing")
    } catch { expect(error.kind == .usage, "\(error)") }
    let photo = photo
    let cancelled = Task {
      withUnsafeCurrentTask { $0?.cancel() }
      return try await captioner.caption(contentsOf: photo)
    }
    let error = await cancelled.result.failure as? NarrationError
    expect(error?.kind == .cancelled, "a cancelled task ends with an error")
  }

  private func checkStretches(_ captioner: Captioner) async throws {
    var stretches: [ClipCaption] = []
    for try await stretch in captioner.captions(of: clip, every: 1) { stretches.append(stretch) }
    expect(stretches.map(\.start) == [0, 1, 2, 3], "a caption a second")
    try expectCoded(stretches)
    for try await _ in captioner.captions(of: clip, every: 1) { break }
  }
}

extension Result {
  var failure: Failure? {
    if case .failure(let error) = self { error } else { nil }
  }
}
