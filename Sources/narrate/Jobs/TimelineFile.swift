import Drawing
import Files
import Models
import Narration
import Reports

/// The file of `--timeline`: what is done in a video over time, as PNG or SVG by its name. Opened before there is
/// anything to write, so that a place that cannot be written is known in time.
package struct TimelineFile {
  private let file: WholeFile
  private let isVector: Bool

  /// Whether a name ends in .png or .svg.
  static func suits(_ argument: String) -> Bool {
    let name = argument.lowercased()
    return name.hasSuffix(".png") || name.hasSuffix(".svg")
  }

  /// - Throws: `FileError`, or `DrawingError` where nothing could be drawn.
  /// - Precondition: the name suits.
  init(_ argument: String) throws {
    precondition(Self.suits(argument))
    try Drawing.prepare()
    file = try WholeFile(GivenPath(argument: argument))
    isVector = argument.lowercased().hasSuffix(".svg")
  }

  /// - Parameters:
  ///   - video: the video's file
  ///   - title: the video's name, for people
  func write(_ labeling: Labeling, of video: String, title: String) throws {
    let chart = try ActionChart(labeling, of: video, title: title)
    try file.write(isVector ? Array(try chart.svg().utf8) : try chart.png())
    try file.commit()
  }
}
