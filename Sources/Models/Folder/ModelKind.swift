/// The job that a model does, as its `config.json` says.
package enum ModelKind: RawRepresentable, Codable, Hashable, Sendable {
  /// A sentence for a picture.
  case caption
  /// What is being done in a clip.
  case label
  /// Where shots begin and end.
  case shots
  /// A sentence in another language for one in English.
  case translation
  /// A model of another program or version.
  case other(String)

  /// What `config.json` has it.
  package init(rawValue: String) {
    switch rawValue {
    case "caption": self = .caption
    case "label": self = .label
    case "shots": self = .shots
    case "translation": self = .translation
    default: self = .other(rawValue)
    }
  }

  /// What `config.json` has it.
  package var rawValue: String {
    switch self {
    case .caption: "caption"
    case .label: "label"
    case .shots: "shots"
    case .translation: "translation"
    case .other(let name): name
    }
  }
}
