import Files
import Narration

/// The file of `--timeline`: what is done in a video over time, as PNG or SVG by its name.
package struct TimelineFile {
  private let path: FilePath
  private let isVector: Bool

  /// Nil if the name ends in neither .png nor .svg.
  package init?(_ argument: String) {
    let name = argument.lowercased()
    guard name.hasSuffix(".png") || name.hasSuffix(".svg") else { return nil }
    (path, isVector) = (FilePath(argument: argument), name.hasSuffix(".svg"))
  }

  /// - Parameters:
  ///   - video: the video's file
  ///   - title: the video's name, for people
  func write(_ labeling: Labeling, of video: String, title: String) throws {
    let chart = try LabelChart(labeling, of: video, title: title)
    if isVector {
      try WholeFile.write(try chart.svg().utf8, to: path)
    } else {
      try WholeFile.write(try chart.png(), to: path)
    }
  }
}
