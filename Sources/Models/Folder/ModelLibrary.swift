import Algorithms
import Foundation

/// The model folders that are found without being named: in `$NARRATE_MODELS`, then `./models`, then
/// `../share/narrate/models` beside the executable.
package struct ModelLibrary: Sendable {
  /// The folders searched, in order. Each holds model folders, or is one.
  package let searchPaths: [URL]

  /// Folders of your own choice.
  package init(searchPaths: [URL]) { self.searchPaths = searchPaths }

  /// The usual folders. `$NARRATE_MODELS` may name several folders, with colons between them.
  /// - Parameter executable: the running program's file.
  package init(
    environment: [String: String] = ProcessInfo.processInfo.environment,
    executable: URL? = Self.runningProgram
  ) {
    var searchPaths = (environment["NARRATE_MODELS"] ?? "").split(separator: ":").map {
      URL(fileURLWithPath: String($0), isDirectory: true)
    }
    searchPaths.append(URL(fileURLWithPath: "models", isDirectory: true))
    if let executable {
      let prefix = executable.deletingLastPathComponent().deletingLastPathComponent()
      searchPaths.append(prefix.appendingPathComponent("share/narrate/models", isDirectory: true))
    }
    self.searchPaths = searchPaths
  }

  /// The program's own file, links followed.
  package static var runningProgram: URL? {
    let path = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    return path.map { URL(fileURLWithPath: $0) }
  }

  /// The model folders found: one search path after the other, by name within each, each folder once.
  package func models() -> [ModelCard] { folders.map(ModelCard.init(folder:)) }

  /// The folder of the first model of a kind, such as `caption`.
  /// - Parameter encoder: the encoder's architecture, such as `i3d`; nil for any.
  /// - Throws: `ModelError.missing` with the folders searched.
  package func first(kind: ModelKind, encoder: String? = nil) throws(ModelError) -> URL {
    let name = encoder.map { "\(kind.rawValue) model with the encoder \($0)" } ?? "\(kind.rawValue) model"
    return try first(kind: kind, named: name) { encoder == nil || $0.encoder == encoder }
  }

  /// The folder of the first model of a kind that suits.
  /// - Parameter name: what is missing where there is none
  func first(
    kind: ModelKind, named name: String, where suits: (ModelCard) -> Bool
  ) throws(ModelError) -> URL {
    let fitting = cards(of: kind).lazy.filter(suits)
    // What was imported beside our own models is taken where it is named, or where it is all there is.
    let found = fitting.first { !CheckpointModel.isOne($0.folder) } ?? fitting.first
    if let found { return found.folder }
    throw .missing(
      path: searchPaths.map(\.path).joined(separator: ", "), reason: "no \(name) found there")
  }

  /// What the configurations of all models of a kind say: cards and weights need not be read to be passed over.
  func cards(of kind: ModelKind) -> some Sequence<ModelCard> {
    folders.lazy.map(ModelCard.init(configurationOf:)).filter { $0.kind == kind }
  }

  private var folders: [URL] {
    searchPaths.flatMap(folders(in:)).uniqued { $0.resolvingSymlinksInPath().path }
  }

  /// A folder is a model's if it has a configuration.
  private func folders(in location: URL) -> [URL] {
    if ModelFolder(location).isModel { return [location] }
    let names = (try? FileManager.default.contentsOfDirectory(atPath: location.path)) ?? []
    return names.sorted().map { location.appendingPathComponent($0, isDirectory: true) }.filter {
      ModelFolder($0).isModel
    }
  }
}
