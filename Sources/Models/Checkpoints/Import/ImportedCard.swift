import Files
import Foundation

/// The card of a model that was imported: where it is from, and under which terms, as far as the checkpoint's own card says.
package struct ImportedCard {
  private let name: String
  private let licence: String?
  private let configuration: CheckpointConfiguration

  /// - Parameter folder: the checkpoint's
  package init(_ folder: URL, _ configuration: CheckpointConfiguration) {
    name = folder.standardizedFileURL.lastPathComponent
    let matter = try? FrontMatter.read(contentsOf: folder.appendingPathComponent("README.md").path)
    licence = matter?["license"]?.string
    self.configuration = configuration
  }

  package var text: String {
    let (seeing, writing) = (configuration.encoder, configuration.decoder)
    let title = configuration.architecture == .git ? "GIT (Wang et al. 2022)" : "BLIP (Li et al. 2022)"
    let clips = writing.frames > 1 ? ", or for a clip of \(writing.frames) frames" : ""
    return """
      ---
      language: en
      source: \(JSON.string(name).text)
      licence: \(JSON.string(licence ?? "unknown: see the checkpoint's own card").text)
      ---

      # \(name.asMessage)

      A public checkpoint of \(title), imported by `narrate import`; its weights stand here in half precision. One sentence for a picture\(clips). A Transformer over \(seeing.gridSide) × \(seeing.gridSide) patches of \(seeing.inputSize) pixels, of \(seeing.layers) layers of \
      \(seeing.width); one of \(writing.layers) layers of \(writing.width) writes, in \(writing.words) pieces of words.

      `confidence` is the geometric mean of the words' probabilities until `narrate calibrate confidence` is run. The model was trained by others, on data of theirs, and its licence is theirs.

      """
  }
}
