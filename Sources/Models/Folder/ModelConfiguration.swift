import Files
import Foundation
import Networks

/// What `config.json` of a model's folder says.
package protocol ModelConfiguration: Codable, Sendable {
  /// What errors call a model of this kind: `a captioning model`.
  static var modelName: String { get }
  /// The version of the folder's format that this program reads and writes.
  static var currentFormat: Int { get }
  /// What errors say of another format.
  static func problem(ofFormat format: Int) -> String
  var format: Int { get }
  /// Whether this version can run the model: its numbers and names go with each other.
  var isSound: Bool { get }
}

extension ModelConfiguration {
  static var cannotRun: String { "a configuration that this version cannot run" }

  package static func problem(ofFormat format: Int) -> String { cannotRun }

  /// The bytes of `config.json`.
  package func encoded() throws -> Data { try JSON.encoded(self, .indented) }

  /// A writer of weights that belong to this configuration: they name its format and its digest.
  package func weightsWriter() throws -> SafetensorsWriter {
    SafetensorsWriter(metadata: [
      "format": String(format), "configuration": XXHash64.hexadecimal(try encoded()),
    ])
  }
}

/// A name that a configuration may choose among. One that this version does not know is `UnknownName`, so that it is told from
/// a configuration that is damaged.
package protocol ConfigurationName: RawRepresentable, Codable, Sendable where RawValue == String {}

extension ConfigurationName {
  package init(from decoder: any Decoder) throws {
    let name = try decoder.singleValueContainer().decode(String.self)
    guard let value = Self(rawValue: name) else { throw UnknownName() }
    self = value
  }
}

/// A configuration names what this version does not have.
struct UnknownName: Error {}
