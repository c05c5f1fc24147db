import Foundation

/// The model folders that are found without being named: in `$NARRATE_MODELS`, then `./models`, then
/// `../share/narrate/models` beside the executable.
public struct ModelLibrary: Sendable {
  /// The folders searched, in order. Each holds model folders, or is one.
  public let places: [URL]

  /// Folders of your own choice.
  public init(places: [URL]) { self.places = places }

  /// The usual places. `$NARRATE_MODELS` may name several folders, with colons between them.
  /// - Parameter executable: the running program's file.
  public init(
    environment: [String: String] = ProcessInfo.processInfo.environment,
    executable: URL? = Self.runningProgram
  ) {
    var places = (environment["NARRATE_MODELS"] ?? "").split(separator: ":").map {
      URL(fileURLWithPath: String($0), isDirectory: true)
    }
    places.append(URL(fileURLWithPath: "models", isDirectory: true))
    if let executable {
      let prefix = executable.deletingLastPathComponent().deletingLastPathComponent()
      places.append(prefix.appendingPathComponent("share/narrate/models", isDirectory: true))
    }
    self.places = places
  }

  /// The program's own file, links followed.
  public static var runningProgram: URL? {
    let path = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    return path.map { URL(fileURLWithPath: $0) }
  }

  /// The model folders found: place by place, by name within a place, each folder once.
  public func models() -> [ModelCard] { folders.map(ModelCard.init(folder:)) }

  /// The folder of the first model of a kind, such as `caption`.
  /// - Parameter encoder: the encoder's architecture, such as `i3d`; nil for any.
  /// - Throws: `ModelError.missing` with the places searched.
  public func first(kind: String, encoder: String? = nil) throws(ModelError) -> URL {
    let found = folders.first { folder in
      // The configuration alone: cards and weights need not be read to be passed over.
      let card = ModelCard(configurationOf: folder)
      return card.kind == kind && (encoder == nil || card.encoder == encoder)
    }
    if let found { return found }
    throw .missing(
      path: places.map(\.path).joined(separator: ", "),
      reason: encoder.map { "no \(kind) model with the encoder \($0) found there" }
        ?? "no \(kind) model found there (name one with --model)")
  }

  private var folders: [URL] {
    var seen: Set<String> = []
    return places.flatMap(folders(in:)).filter { seen.insert($0.resolvingSymlinksInPath().path).inserted }
  }

  /// A folder is a model's if it has a configuration.
  private func folders(in place: URL) -> [URL] {
    if ModelCard.isModel(place) { return [place] }
    let names = (try? FileManager.default.contentsOfDirectory(atPath: place.path)) ?? []
    return names.sorted().map { place.appendingPathComponent($0, isDirectory: true) }.filter(
      ModelCard.isModel)
  }
}
