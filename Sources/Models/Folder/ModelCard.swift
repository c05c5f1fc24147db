import Files
import Foundation

/// What a model folder says of itself. Reads leniently: what is missing is nil, and `problem` says what is
/// damaged.
package struct ModelCard: Sendable {
  /// The model folder.
  package let folder: URL
  /// The folder's name, such as `caption-everyday`.
  package var name: String { folder.lastPathComponent }
  /// The job that the model does.
  package let kind: ModelKind?
  /// The encoder's architecture, such as `efficientnet-lite2`.
  package let encoder: String?
  /// The languages that a translation model writes; none of another.
  package let languages: [String]
  /// Numbers in the weights file.
  package let parameters: Int?
  /// Size of the weights file.
  package let bytes: Int?
  /// The front matter of the folder's README.md: data, license, scores.
  package let frontMatter: JSON?
  /// The first thing found to be wrong: a damaged file, with its name.
  package let problem: String?

  /// Reads what there is.
  package init(folder: URL) { self.init(folder, withAll: true) }

  /// Reads kind and encoder alone.
  init(configurationOf folder: URL) { self.init(folder, withAll: false) }

  private init(_ folder: URL, withAll: Bool) {
    self.folder = folder
    var problems: [String] = []
    func read<Part>(_ name: String, _ body: (String) throws -> Part) -> Part? {
      do {
        return try body(folder.appendingPathComponent(name).path)
      } catch {
        problems.append("\(name): \(error)")
        return nil
      }
    }
    let configuration = read(ModelFolder.configurationName, Self.configuration)
    kind = (configuration?["kind"]?.string).map(ModelKind.init(rawValue:))
    encoder = configuration?["encoder"]?["architecture"]?.string
    if case .array(let names) = configuration?["languages"] {
      languages = names.compactMap(\.string)
    } else {
      languages = []
    }
    let weights = withAll ? read(ModelFolder.weightsName, WeightsSummary.init(contentsOf:)) : nil
    parameters = weights?.parameters
    bytes = weights?.bytes
    frontMatter = withAll ? read("README.md", FrontMatter.read(contentsOf:)) ?? nil : nil
    problem = problems.first
  }

  private static func configuration(_ path: String) throws -> JSON {
    let data: Data
    do throws(ModelError) {
      data = try ModelFile(URL(fileURLWithPath: path)).bytes()
    } catch {
      switch error {
      case .missing(_, let reason), .damaged(_, let reason): throw CardProblem(reason)
      }
    }
    guard let json = try? JSONDecoder().decode(JSON.self, from: data) else {
      throw CardProblem("is not JSON")
    }
    guard case .object = json else { throw CardProblem("is not a JSON object") }
    return json
  }
}

/// Why a file of a model folder tells nothing.
struct CardProblem: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description.asMessage }
}
