import Drawing
import Foundation
import Media
import Narration

/// What is done in a video over time, as a picture: a band for each interval of each label, with frames above.
///
///     let timeline = try await TimelineReport(labeling, of: clip)
///     try timeline.png().write(to: URL(fileURLWithPath: "labels.png"))
public struct TimelineReport: Sendable {
  private let chart: ActionChart

  /// - Parameters:
  ///   - labeling: of an `ActionLabeler`
  ///   - video: what was labelled; it is read once more for its frames.
  ///   - title: what stands above; nil is the file's name.
  /// - Throws: the kinds of a file that can no longer be read.
  public init(_ labeling: Labeling, of video: URL, title: String? = nil) async throws(NarrationError) {
    chart = try await Workers.once {
      try ActionChart(labeling, of: video.path, title: title ?? video.lastPathComponent)
    }
  }

  /// The bytes of a PNG file.
  /// - Throws: `unsupported` where Cairo, Pango or a font is missing.
  public func png() throws(NarrationError) -> Data {
    do { return Data(try chart.png()) } catch { throw NarrationError(error) }
  }

  /// The text of an SVG file.
  /// - Throws: `unsupported` where Cairo, Pango or a font is missing.
  public func svg() throws(NarrationError) -> String {
    do { return try chart.svg() } catch { throw NarrationError(error) }
  }
}

/// Where a captioner looked for each word, as a picture: the photograph once a word, lit where the network looked.
///
///     let photograph = try Picture(contentsOf: photo.path).image
///     let strip = AttentionReport(caption, of: [photograph], grid: captioner.model.grid)
///     try strip.png().write(to: URL(fileURLWithPath: "attention.png"))
public struct AttentionReport: Sendable {
  private let caption: Caption
  private let frames: [Image]
  private let grid: Grid

  /// - Parameters:
  ///   - frames: the upright picture, or of a clip the frames that were looked at
  ///   - grid: the captioner's
  public init(_ caption: Caption, of frames: [Image], grid: Grid) {
    (self.caption, self.frames, self.grid) = (caption, frames, grid)
  }

  /// The bytes of a PNG file.
  /// - Throws: `usage` if the caption is of other frames or of another grid, `unsupported` where Cairo, Pango or a font is missing.
  public func png() throws(NarrationError) -> Data {
    let weights = frames.count * grid.rows * grid.columns
    guard grid.rows > 0, weights > 0, caption.words.allSatisfy({ $0.attention.count == weights }) else {
      throw NarrationError(.usage, reason: "the caption is not of these frames and this grid")
    }
    do {
      let strip = try AttentionStrip.draw(
        frames, caption: caption, rows: grid.rows, columns: grid.columns)
      return Data(try strip.pngData())
    } catch let error as DrawingError {
      throw NarrationError(error)
    } catch { throw NarrationError(error) }
  }
}

extension NarrationError {
  fileprivate init(_ error: DrawingError) {
    switch error {
    case .unavailable: self.init(.unsupported, reason: "\(error)")
    case .tooLarge: self.init(.tooLarge, reason: "\(error)")
    case .failed: self.init(.output, reason: "\(error)")
    }
  }
}
