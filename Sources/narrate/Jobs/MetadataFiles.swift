import Files
import Language
import Metadata
import Models
import Narration
import Reports

/// The files beside pictures that their captions are written into.
package struct MetadataFiles {
  private let sidecars: Sidecars?
  private var texts: TextFiles?
  private let wording: CaptionWording
  private let hasKeywords: Bool
  /// Files that stay as they are, since there is a text in them.
  package private(set) var kept = 0

  /// Classes less probable than this are no keywords.
  private static let leastProbability = 0.2

  package init(sidecars: Sidecars?, texts: TextFiles?, wording: CaptionWording, hasKeywords: Bool) {
    (self.sidecars, self.texts, self.wording) = (sidecars, texts, wording)
    self.hasKeywords = hasKeywords
  }

  /// The files beside a picture that may be written to.
  package func places(of picture: GivenPath) -> [GivenPath] {
    (sidecars?.places(of: picture) ?? []) + (texts == nil ? [] : [TextFiles.place(of: picture)])
  }

  /// Writes a picture's caption; what cannot be written keeps nothing else from being written.
  /// - Returns: a line for each file that could not be written.
  package mutating func write(_ described: CaptionResult.Described, for picture: GivenPath) -> [String] {
    let caption = described.captions[0]
    var problems: [String] = []
    func attempt(_ write: () throws -> Sidecars.Outcome) {
      do {
        if try write() == .kept { kept += 1 }
      } catch { problems.append("\(error)") }
    }
    guard picture.location.isRegular else {
      return ["\(picture.text): no file that another could stand beside"]
    }
    let text = wording.text(caption.told)
    if let sidecars {
      let machine = MachineText(
        caption: caption.isUnsure && !text.isEmpty
          ? wording.text(caption.language.perhaps + caption.told) : text,
        language: caption.language.rawValue,
        keywords: hasKeywords ? Self.keywords(caption) : [], model: described.model,
        confidence: caption.confidence,
        tool: "Narrate \(Narrate.configuration.version)")
      attempt { try sidecars.write(machine, for: picture) }
    }
    if texts != nil, !text.isEmpty {
      attempt { try texts?.write(text, for: picture) ?? .kept }
    }
    return problems
  }

  /// The things that a caption names, or what else an unsure one's picture may show.
  private static func keywords(_ caption: Caption) -> [String] {
    guard caption.isUnsure else { return English.keywords(of: caption.text) }
    return caption.tags.filter { $0.probability >= leastProbability }.map(\.text)
  }
}
