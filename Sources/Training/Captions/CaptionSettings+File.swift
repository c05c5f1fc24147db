import Datasets
import Files
import Foundation

/// Settings of a training run: every value has a default, and a file may change any of them.
package protocol TrainingSettings: Codable, Sendable {
  init()
  /// - Parameter path: the file that the settings come from, for the message.
  /// - Throws: `DataError` naming the first setting that is out of its range, and the range.
  func validate(path: String) throws(DataError)
}

extension CaptionSettings: TrainingSettings {}

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
    do {
      let given = try JSONDecoder().decode(JSON.self, from: json)
      let whole = try JSON(settings: Self()).overlaid(by: given, path: path, location: nil)
      self = try JSONDecoder().decode(Self.self, from: Data(whole.text.utf8))
    } catch let error as DecodingError {
      throw DataError(.damaged, path: path, location: error.location, reason: error.reason)
    } catch let error as DataError {
      throw error
    } catch {
      throw DataError(.damaged, path: path, reason: "\(error)")
    }
    try validate(path: path)
  }

  /// The settings as JSON for people: one a line, sorted by name, with a line end.
  package var printed: String {
    // Every number of settings that passed `validate` is finite, which is all that encoding asks for.
    guard let text = try? JSON.encoded(self, .indented) else {
      preconditionFailure("settings that are not finite")
    }
    return String(decoding: text, as: UTF8.self)
  }
}
