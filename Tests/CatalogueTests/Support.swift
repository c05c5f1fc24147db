import Catalogue
import Files
import TestSupport

/// A catalogue in a folder of its own, and a model that knows three words and a thing.
final class TestCatalogue {
  let folder = try! TemporaryFolder()
  let catalogue: Catalogue
  let model: Int64
  private var count = 0

  static let model = DescribingModel(
    name: "small", digest: "1",
    concepts: [(["dog", "puppy"], true), (["dog"], false), (["beach"], false), (["running"], false)])

  init() throws {
    catalogue = try Catalogue(GivenPath(folder.path("c.sqlite")), .creating)
    model = try catalogue.add(Self.model)
  }

  func file(_ name: String, modified: Int64 = 1) -> FoundFile {
    FoundFile(path: GivenPath(folder.path(name)), size: 10, modified: modified)
  }

  /// Adds a picture.
  /// - Parameter words: logits of the thing, dog, beach and running
  @discardableResult
  func add(
    _ name: String, _ caption: String, words: [Float] = [-9, -9, -9, -9], mean: [Float] = [1, 0, 0],
    confidence: Double = 0.5, key: ContentKey? = nil, change: (inout Description) -> Void = { _ in }
  ) throws -> ContentKey {
    count += 1
    let key = key ?? ContentKey([UInt8(count & 255), UInt8(count >> 8)])
    var description = Description()
    (description.width, description.height) = (40, 30)
    (description.caption, description.confidence) = (caption, confidence)
    (description.words, description.mean) = (words, mean)
    change(&description)
    try catalogue.add([.new(file(name), key, description)], model: model)
    return key
  }

  /// The names of what is found.
  func found(_ words: String, by basis: Catalogue.Basis = .both, limit: Int = 10) throws -> [String] {
    try catalogue.search(words, limit: limit, by: basis).map { name($0.entry) }
  }

  func name(_ entry: Entry) -> String { entry.paths[0].location.lastComponent?.string ?? "" }
}
