import Foundation
import Logging
import Media
import Narration

/// Turns an input into captions: reads the picture, asks the network, draws the attention if that is wanted.
final class PictureDescriber {
  private let captioner: Captioner
  private let options: CaptionOptions
  private let decoding: DecodeOptions
  private var attention: AttentionFolder?
  private let logger = Logger(label: "narrate.caption")

  init(
    model: URL, threads: Int, options: CaptionOptions, ignoresOrientation: Bool, attention: AttentionFolder?
  ) throws {
    let start = ContinuousClock.now
    captioner = try Captioner(model: model, threads: threads)
    self.options = options
    decoding = DecodeOptions(coveringSide: captioner.inputSize, ignoresOrientation: ignoresOrientation)
    self.attention = attention
    logger.debug("\(model.path) loaded in \(Self.milliseconds(since: start)) ms, threads: \(threads)")
  }

  /// - Throws: `InputFailure` if it is the picture's fault; what else is thrown ends the run.
  func describe(_ input: Input) throws -> CaptionResult.Described {
    let start = ContinuousClock.now
    let picture = try read(input)
    let captions = try captioner.caption(picture.image, options: options)
    let milliseconds = Self.milliseconds(since: start)
    if let place = attention?.place(for: input.path), let best = captions.first {
      let strip = AttentionStrip.draw(
        picture.image, caption: best, rows: captioner.gridSize.rows, columns: captioner.gridSize.columns)
      try attention?.write(strip, to: place)
    }
    logger.debug("\(input.path.text): \(picture.width) x \(picture.height), \(milliseconds) ms")
    return CaptionResult.Described(
      captions: captions, width: picture.width, height: picture.height, milliseconds: milliseconds,
      model: captioner.name)
  }

  private func read(_ input: Input) throws -> Picture {
    let standardInput = input.isStandardInput ? try StandardInput() : nil
    // The file without a name lives as long as its owner.
    return try withExtendedLifetime(standardInput) {
      try (standardInput?.path ?? input.path).withReadableText { path in
        do throws(MediaError) {
          return try Picture(contentsOf: path, options: decoding)
        } catch {
          throw InputFailure(kind: error.kind, message: Self.message(error, path: path))
        }
      }
    }
  }

  /// The reason alone: who prints it names the path, and perhaps another one than was opened.
  private static func message(_ error: MediaError, path: String) -> String {
    let text = error.description
    return text.hasPrefix(path + ": ") ? String(text.dropFirst(path.count + 2)) : text
  }

  private static func milliseconds(since start: ContinuousClock.Instant) -> Double {
    ((ContinuousClock.now - start) / .milliseconds(1) * 10).rounded() / 10
  }
}
