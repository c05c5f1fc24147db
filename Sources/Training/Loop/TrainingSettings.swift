import Datasets
import Files
import Foundation

/// Settings of a training run: every value has a default, and a file may change any of them.
package protocol TrainingSettings: Equatable, Sendable {
  init()
  /// All settings and what must hold between them, in the order in which they are checked.
  static var table: [Setting<Self>] { get }
  /// Says what a setting must be.
  /// - Parameters:
  ///   - rule: its range, or its names joined
  ///   - value: what it is
  static func reason(_ rule: String, _ value: String) -> String
  /// Names put together to say that one of them is meant.
  static func joined(_ choices: [String]) -> String
}

extension TrainingSettings {
  /// Reads a settings file: a JSON object with any of the settings that `printed` shows; the others keep
  /// their defaults.
  /// - Throws: `DataError` naming the setting that is unknown, of the wrong type or out of its range.
  package init(contentsOf url: URL) throws {
    let bytes = try DataFile.bytes(url.path)
    try self.init(json: Data(bytes), path: url.path)
  }

  /// - Parameter path: where the JSON is from, for messages.
  package init(json: Data, path: String) throws(DataError) {
    let given: JSON
    do {
      given = try JSONDecoder().decode(JSON.self, from: json)
    } catch let error as DecodingError {
      throw DataError(.damaged, path: path, location: error.location, reason: error.reason)
    } catch {
      throw DataError(.damaged, path: path, reason: "\(error)")
    }
    self.init()
    let whole = try values.overlaid(by: given, path: path)
    for setting in Self.table {
      if let value = whole[setting.name.split(separator: ".")] { setting.set(&self, value) }
    }
    try check(whole, path: path)
  }

  /// - Parameter path: the file that the settings come from, for the message.
  /// - Throws: `DataError` naming the first setting that is out of its range, and the range.
  package func validate(path: String = "configuration") throws(DataError) { try check(values, path: path) }

  /// - Parameter given: what the settings were made of: the names of choices may be none of theirs.
  private func check(_ given: JSON, path: String) throws(DataError) {
    for setting in Self.table {
      var complaint = setting.complaint(self)
      if let choices = setting.choices, case .string(let name) = given[setting.name.split(separator: ".")],
        !choices.contains(name)
      {
        complaint = (Self.joined(choices), name)
      }
      guard let (rule, value) = complaint else { continue }
      throw DataError(
        .damaged, path: path, location: setting.name, reason: "must be " + Self.reason(rule, value))
    }
  }

  /// The settings as they are in a file.
  var values: JSON {
    Self.table.reduce(into: .object([])) { all, setting in
      if let value = setting.value { all[setting.name.split(separator: ".")] = value(self) }
    }
  }

  /// The settings as JSON for people: one a line, sorted by name, with a line end.
  package var printed: String {
    // Every number of settings that passed `validate` is finite, which is all that encoding asks for.
    guard let text = try? JSON.encoded(values, .indented) else {
      preconditionFailure("settings that are not finite")
    }
    return String(decoding: text, as: UTF8.self)
  }
}
