import Files
import Metadata
import Narration
import Reports
import SystemPackage

/// The work of `narrate alt-text`.
struct AltTextJob {
  let pages: [GivenPath]
  let root: GivenPath?
  let fillsDecorative: Bool
  let leavesUnsure: Bool
  let backsUp: Bool
  let isDryRun: Bool
  let wording: CaptionWording

  /// Prints what is doubtful: `PAGE:LINE`, the picture, the doubt and the text, tabs between them.
  func check(_ console: Console) throws -> RunStatus {
    var isClean = true
    try read(console) {
      isClean = false
    } use: { page in
      for (image, doubts) in zip(page.images, page.doubts) {
        for doubt in doubts {
          isClean = false
          try say([Self.place(image, page), image.name, doubt.description, image.text ?? ""])
        }
      }
    }
    return isClean ? .success : .someInputsFailed
  }

  /// Fills the pages.
  /// - Parameter describing: makes the captions of pictures
  func fill(
    _ console: Console,
    describing: ([Input], (Input, PictureDescriber.Outcome) throws -> Void) throws -> Void
  ) throws -> RunStatus {
    var pages: [Page] = []
    var failed = false
    try read(console) {
      failed = true
    } use: {
      pages.append($0)
    }
    let inputs = pictures(pages)
    var texts: [GivenPath: String] = [:]
    if !inputs.isEmpty {
      try describing(inputs) { picture, outcome in
        switch outcome {
        case .success(let described): texts[picture.path] = text(described.captions[0])
        case .failure(let failure):
          failed = true
          console.report(picture.path, failure)
        }
      }
    }
    for page in pages {
      do {
        try write(page, texts)
      } catch let error as FileError where !error.isReaderGone && error.path != "standard output" {
        failed = true
        console.report("\(error)")
      } catch let error as MetadataError {
        failed = true
        console.report("\(error)")
      }
    }
    return failed ? .someInputsFailed : .success
  }

  /// What is written for a caption; nil where nothing is.
  private func text(_ caption: Caption) -> String? {
    if caption.isUnsure, leavesUnsure { return nil }
    let text = wording.text((caption.isUnsure ? caption.language.perhaps : "") + caption.told)
    return text.isEmpty ? nil : text
  }

  /// The pictures that need a text, each once.
  private func pictures(_ pages: [Page]) -> [Input] {
    var seen: Set<GivenPath> = []
    return pages.flatMap { page in
      page.images.filter(isToBeFilled).compactMap { page.location(of: $0, root: root) }
    }.filter { seen.insert($0).inserted }.map { path in
      guard let type = (try? path.location.stat())?.type else {
        return Input(path, failure: .unreadable(Errno.noSuchFileOrDirectory.rawValue))
      }
      // A page may name a pipe, which would never end.
      guard type == .regular else {
        return Input(path, failure: InputFailure(kind: .unsupported, message: "is no file"))
      }
      return Input(path)
    }
  }

  private func isToBeFilled(_ image: PageImage) -> Bool {
    image.lacksText || (fillsDecorative && image.isDecorative)
  }

  private func write(_ page: Page, _ texts: [GivenPath: String]) throws {
    var replaced: [Int: String] = [:]
    for (index, image) in page.images.enumerated() where isToBeFilled(image) {
      replaced[index] = page.location(of: image, root: root).flatMap { texts[$0] }
    }
    let bytes = page.replacing(replaced)
    if page.path.isStandardStream, !isDryRun {
      return try writeAll(bytes, to: .standardOutput, name: "standard output")
    }
    guard bytes != page.bytes else { return }
    if isDryRun {
      let name = String.escapingControls(page.path.bytes)
      return try writeAll(
        PageDiff.unified(page.bytes, bytes, name: name), to: .standardOutput, name: "standard output")
    }
    try page.write(bytes, backsUp: backsUp)
    for (index, text) in replaced.sorted(by: { $0.key < $1.key }) {
      let image = page.images[index]
      try say([Self.place(image, page), image.name, text])
    }
  }

  private func say(_ fields: [String]) throws {
    let line = fields.map(\.escapingControls).joined(separator: "\t") + "\n"
    try writeAll(Array(line.utf8), to: .standardOutput, name: "standard output")
  }

  private static func place(_ image: PageImage, _ page: Page) -> String { "\(page.path.text):\(image.line)" }

  /// Reads the pages, each once.
  private func read(_ console: Console, fail: () -> Void, use: (Page) throws -> Void) throws {
    let spools = Spools()
    var seen: Set<FileIdentity> = []
    for path in pages {
      try Interruption.check()
      if !path.isStandardStream, let identity = FileIdentity(path.location), !seen.insert(identity).inserted {
        continue
      }
      do {
        let bytes = try spools.reading(path) { text in
          try OpenFile(regular: FilePath(text), knownAs: path.text).bytes(atMost: Page.mostBytes)
        }
        try use(Page(bytes, path: path))
      } catch let error as MetadataError {
        fail()
        console.report("\(error)")
      } catch let error as FileError where error.operation != .write {
        fail()
        console.report("\(error)")
      } catch let failure as InputFailure {
        fail()
        console.report(path, failure)
      }
    }
  }
}
