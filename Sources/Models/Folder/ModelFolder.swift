import Files
import Foundation
import Networks
import SystemPackage

/// A folder with a model: `config.json`, the weights, which name its digest, and what else belongs to the model.
package struct ModelFolder: Sendable {
  /// The file's name that makes a folder a model's.
  package static let configurationName = "config.json"
  package static let weightsName = "model.safetensors"

  package let url: URL

  package init(_ url: URL) { self.url = url }

  package func file(_ name: String) -> ModelFile { ModelFile(url.appendingPathComponent(name)) }

  /// Whether there is a configuration.
  var isModel: Bool { file(Self.configurationName).exists }

  /// Reads the configuration, and verifies that this version can run it.
  /// - Returns: it, and the digest that its weights must name
  package func configuration<Configuration: ModelConfiguration>(
    of type: Configuration.Type
  ) throws(ModelError) -> (Configuration, digest: String) {
    guard FilePath(url.path).isFolder else {
      throw .missing(path: url.path, reason: "no such model folder")
    }
    let file = file(Self.configurationName)
    let bytes = try file.bytes()
    let configuration: Configuration
    do {
      configuration = try JSONDecoder().decode(type, from: bytes)
    } catch is UnknownName {
      // Such a name may be of a format that has it.
      let format = (try? JSONDecoder().decode(Version.self, from: bytes))?.format
      try Self.check(format ?? Configuration.currentFormat, of: type, in: file)
      throw file.damaged(Configuration.cannotRun)
    } catch {
      throw file.damaged("not the configuration of \(Configuration.modelName)")
    }
    try Self.check(configuration.format, of: type, in: file)
    guard configuration.isSound else { throw file.damaged(Configuration.cannotRun) }
    return (configuration, XXHash64.hexadecimal(bytes))
  }

  private struct Version: Decodable { let format: Int }

  private static func check<Configuration: ModelConfiguration>(
    _ format: Int, of type: Configuration.Type, in file: ModelFile
  ) throws(ModelError) {
    guard format != type.currentFormat else { return }
    throw file.damaged(type.problem(ofFormat: format))
  }

  /// Opens and verifies the weights.
  /// - Parameters:
  ///   - format: what they must name
  ///   - digest: the configuration's, which they must name as well
  ///   - mismatch: what is said of weights with other metadata
  package func weights(
    format: Int, digest: String,
    mismatch: (_ metadata: [String: String]) -> String = { _ in
      "weights of another format or configuration than config.json"
    }
  ) throws(ModelError) -> SafetensorsFile {
    let file = file(Self.weightsName)
    let weights = try file.weights()
    guard weights.metadata["format"] == String(format), weights.metadata["configuration"] == digest else {
      throw file.damaged(mismatch(weights.metadata))
    }
    return weights
  }

  /// Writes files of the folder, all or none.
  /// - Throws: `FileError`.
  package func write(_ files: [(name: String, bytes: Data)]) throws {
    try WholeFile.write(files.map { (file($0.name).path, $0.bytes) })
  }

  /// Writes a model's files, all or none: weights that cannot be written leave the folder's model as it was.
  /// - Parameters:
  ///   - texts: vocabulary, labels
  ///   - weights: adds the tensors
  /// - Throws: `FileError`; `HalfPrecisionError`.
  package func write(
    _ configuration: some ModelConfiguration, texts: [(name: String, bytes: Data)] = [],
    weights: (inout SafetensorsWriter) throws -> Void
  ) throws {
    var writer = try configuration.weightsWriter()
    try weights(&writer)
    try write(
      [(Self.configurationName, configuration.encoded())] + texts
        + [(Self.weightsName, writer.encoded())])
  }
}
