import Language
import Models

extension CaptionLanguage {
  /// What an action's label is called in this language: of the 400 of Kinetics by a table, else as it is.
  package func name(ofAction label: String) -> String {
    self == .english ? label : ActionNames.table[label]?[rawValue] ?? label
  }
}
