import Files
import Foundation
import Networks

/// A file of a model's folder.
package struct ModelFile: Sendable {
  package let url: URL

  package init(_ url: URL) { self.url = url }

  package var path: String { url.path }
  package var exists: Bool { FileManager.default.fileExists(atPath: path) }

  /// What errors say of a file whose content does not serve.
  package func damaged(_ reason: String) -> ModelError { .damaged(path: path, reason: reason) }

  /// Bytes of a text: of a vocabulary of millions.
  private static let mostBytes = 67_108_864

  /// - Parameter reason: what an error says of a file that is not there, or cannot be read
  package func bytes(orElse reason: String = "cannot be read") throws(ModelError) -> Data {
    do throws(FileError) {
      return Data(try OpenFile(regular: path).bytes(atMost: Self.mostBytes))
    } catch {
      switch error.code {
      case EFBIG: throw damaged("larger than \(Self.mostBytes) bytes")
      case FileError.notRegular: throw damaged(FileError.reason(error.code))
      default: throw .missing(path: path, reason: reason)
      }
    }
  }

  /// The lines of a text, without those that are empty.
  package func lines() throws(ModelError) -> [String] {
    guard let text = String(validating: try bytes(), as: UTF8.self) else { throw damaged("not UTF-8") }
    return text.split(whereSeparator: \.isNewline).map(String.init)
  }

  /// Opens and verifies weights.
  package func weights() throws(ModelError) -> SafetensorsFile {
    do {
      return try SafetensorsFile(path: path)
    } catch { throw ModelError(error) }
  }
}

/// What `narrate calibrate` found of a model and put beside its weights.
package enum CalibrationFile<Content: Sendable>: Sendable {
  /// There is none.
  case absent
  /// It is about other weights, such as those that the model had before it learned more, or of another version: as good as none.
  case skipped(ModelFile)
  case current(Content)

  package var content: Content? {
    guard case .current(let content) = self else { return nil }
    return content
  }

  /// The file that nothing was taken from.
  package var skippedFile: URL? {
    guard case .skipped(let file) = self else { return nil }
    return file.url
  }
}
