import Foundation
import Media
import Models

/// What is seen of a square window: its edges and colors in fine cells, and the captioner's encoder at two depths. Shared by the
/// trackers of one thread.
package final class WindowFeatures {
  /// Side of the window as the features have it, in pixels.
  static let side = 256
  static let cell = 4
  private let pyramid: FeaturePyramid
  /// From fine to coarse, one for each kind of feature.
  let transforms: [FourierTransform]
  private let tapers: [[Float]]

  /// - Parameter threads: that compute the encoder
  package init(_ model: CaptionModel, threads: Int) throws {
    pyramid = try FeaturePyramid(model, side: Self.side, threads: threads)
    let sides = [Self.side / Self.cell] + pyramid.levels.map(\.side)
    transforms = sides.map { FourierTransform(side: $0) }
    tapers = sides.map { side in
      let line = (0..<side).map { Float(0.5 - 0.5 * cos(2 * .pi * (Double($0) + 0.5) / Double(side))) }
      return line.flatMap { weight in line.map { $0 * weight } }
    }
  }

  /// - Parameter window: a square of the picture
  func spectra(_ image: Image, _ window: Box) -> [Spectra] {
    let planes = image.window(window, columns: Self.side, rows: Self.side)
    let edges = EdgeCells.features(planes, columns: Self.side, rows: Self.side, cell: Self.cell)
    var result = [Spectra(edges, channels: EdgeCells.channels, taper: tapers[0], transforms[0])]
    let levels = planes.withUnsafeBufferPointer { pyramid.features(of: $0) }
    for (index, features) in levels.enumerated() {
      let channels = pyramid.levels[index].channels
      let cells = features.count / channels
      let turned = [Float](unsafeUninitializedCapacity: features.count) { turned, count in
        count = features.count
        for cell in 0..<cells {
          for channel in 0..<channels { turned[channel * cells + cell] = features[cell * channels + channel] }
        }
      }
      result.append(
        Spectra(turned, channels: channels, taper: tapers[index + 1], transforms[index + 1]))
    }
    return result
  }
}
