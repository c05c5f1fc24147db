import Files
import Foundation
import Media
import Models

/// A picture or a clip, and what is said of it, for who serves others.
package struct DescribedFile: Sendable {
  /// Best first, at least one.
  package let captions: [Caption]
  /// Pixels, upright.
  package let width: Int
  package let height: Int
  /// Whether a picture could be read in part only.
  package let isDamaged: Bool
}

/// A picture that somebody sent.
package enum SentPicture: Sendable {
  /// A JPEG or PNG file.
  case bytes([UInt8])
  /// Any still, in a file without a name.
  case file(TemporaryFile)
}

extension Captioner {
  /// Cores that it uses: so many searches run at the same time.
  package var cores: Int { threads }

  /// Pixels of the square that the encoder sees.
  package var inputSize: Int { engines.inputSize }

  /// Pictures whose captions can be searched at once.
  package static var batch: Int { CaptionEngine.batch }

  /// Captions pictures in one search.
  /// - Parameters:
  ///   - pictures: at most `batch`
  ///   - isAlone: whether all cores are theirs
  package func described(
    _ pictures: [SentPicture], options: CaptionOptions, isAlone: Bool
  ) async -> [Result<DescribedFile, NarrationError>] {
    do {
      return try await workers.run { [engines] _ in
        try engines.withEngine(isAlone: isAlone) { try $0.described(pictures, options: options) }
      }
    } catch {
      return pictures.map { _ in .failure(error) }
    }
  }

  /// Captions a clip, on a thread of its own.
  package func described(
    clip file: TemporaryFile, options: CaptionOptions, check: @escaping @Sendable (Double) throws -> Void
  ) async throws(NarrationError) -> DescribedFile {
    try await Workers.once { [engines] in
      try engines.withEngine(isAlone: false) { engine in
        let video = try engine.open(file.path)
        var captions: [Caption] = []
        try engine.caption(video, options: options, progress: { seconds, _ in try check(seconds) }) {
          clip, _ in
          captions = clip.captions
        }
        return DescribedFile(
          captions: captions.map(\.published), width: video.width, height: video.height, isDamaged: false)
      }
    }
  }
}

extension CaptionEngine {
  fileprivate func described(
    _ pictures: [SentPicture], options: CaptionOptions
  ) throws -> [Result<DescribedFile, NarrationError>] {
    var outcomes = [Result<Picture, NarrationError>?](repeating: nil, count: pictures.count)
    let decoding = DecodeOptions(coveringSide: decodingSide, acceptsDamage: options.acceptsDamage)
    let captions = try captions(pictures.count, options: options) { index in
      do throws(MediaError) {
        let picture =
          switch pictures[index] {
          case .bytes(let bytes): try Picture(bytes: bytes, path: "", options: decoding)
          case .file(let file): try Picture(contentsOf: file.path, options: decoding)
          }
        outcomes[index] = .success(picture)
        return [picture.image]
      } catch {
        outcomes[index] = .failure(NarrationError(error).withoutFile)
        return nil
      }
    }
    return zip(outcomes, captions).map { outcome, captions in
      guard let outcome else { return .failure(NarrationError(.undecodable, reason: "not looked at")) }
      return outcome.map { picture in
        DescribedFile(
          captions: (captions ?? []).map(\.published), width: picture.width, height: picture.height,
          isDamaged: picture.isDamaged)
      }
    }
  }
}
