import Foundation
import Media

/// How things are followed.
package struct TrackSettings: Sendable {
  /// Side of the window, in mean sides of the box.
  var padding = 4.0
  /// Of the filters' answers, in sides of the box.
  var spread = 0.1
  /// What edges and colors count, the encoder's fine features and its deep ones.
  var weights: [Float] = [1, 1, 0.5]
  /// What a new frame counts in the filters.
  var rate: Float = 0.02
  var scaleRate: Float = 0.025
  /// Below this share of the usual answer nothing is learned.
  var learning = 0.5
  /// Below this it is lost,
  var losing = 0.25
  /// and above this found again.
  var finding = 0.6

  package init() {}
}

/// What is known of a thing in one frame.
package struct TrackedBox: Sendable, Equatable {
  /// Where it is; where it was last, while it is lost.
  package let box: Box
  /// How much it looks as it did, 0 to 1.
  package let confidence: Double
  package let isLost: Bool

  package init(box: Box, confidence: Double, isLost: Bool) {
    (self.box, self.confidence, self.isLost) = (box, confidence, isLost)
  }
}

/// Follows one thing from frame to frame: correlation filters tell where it is and how large, and how sure that is decides whether to
/// learn, and when it is lost. While it is, each frame is searched at its last place and at one place more, in turn.
package struct ObjectTracker {
  private let features: WindowFeatures
  private let settings: TrackSettings
  private let first: Box
  private var place: PlaceFilter
  private var scale = ScaleFilter()
  private var box: Box
  /// What the filters answer where all is well; nil before they were asked.
  private var usual: Double?
  private var isLost = false
  /// Places that were searched since it was lost.
  private var searched = 0

  /// - Parameter box: within the image, see `Box.problem`
  package init(
    _ features: WindowFeatures, _ image: Image, _ box: Box, _ settings: TrackSettings = TrackSettings()
  ) {
    (self.features, self.settings, self.box, first) = (features, settings, box, box)
    place = PlaceFilter(features.transforms, share: 1 / settings.padding, settings)
    place.learn(features.spectra(image, window(around: box)), rate: 1)
    scale.learn(image, box, rate: 1)
  }

  private func window(around box: Box) -> Box {
    let side = box.meanSide * settings.padding
    return Box(x: box.centerX - side / 2, y: box.centerY - side / 2, width: side, height: side)
  }

  /// Looks for it in the next frame.
  package mutating func follow(_ image: Image) -> TrackedBox {
    var (found, height) = look(image, at: box)
    if isLost {
      let (other, otherHeight) = look(image, at: nextPlace(image))
      if otherHeight > height { (found, height) = (other, otherHeight) }
    }
    let usual = usual ?? max(height, 1e-3)
    let confidence = min(max(height / usual, 0), 1)
    isLost = confidence < (isLost ? settings.finding : settings.losing)
    guard !isLost else { return TrackedBox(box: box, confidence: confidence, isLost: true) }
    searched = 0
    box = resized(found, image)
    if confidence >= settings.learning {
      place.learn(features.spectra(image, window(around: box)), rate: settings.rate)
      scale.learn(image, box, rate: settings.scaleRate)
      self.usual = usual + 0.05 * (height - usual)
    } else if self.usual == nil {
      self.usual = usual
    }
    return TrackedBox(box: box, confidence: confidence, isLost: false)
  }

  private func look(_ image: Image, at box: Box) -> (Box, height: Double) {
    let window = window(around: box)
    let peak = place.find(features.spectra(image, window))
    let found = box.centered(
      box.centerX + peak.x * window.width, box.centerY + peak.y * window.width, inWidth: image.width,
      image.height)
    return (found, peak.height)
  }

  /// The size that it has now, a fifth to five times the first one.
  private func resized(_ box: Box, _ image: Image) -> Box {
    let factor = scale.factor(image, box)
    let size = box.meanSide * factor / first.meanSide
    let fits =
      box.width * factor <= Double(image.width) * 2 && box.height * factor <= Double(image.height) * 2
    let isLarge = min(box.width, box.height) * factor >= Box.leastSide
    return (0.2...5).contains(size) && fits && isLarge ? box.resized(by: factor) : box
  }

  /// The places of a net of windows over the picture, one after the other.
  private mutating func nextPlace(_ image: Image) -> Box {
    let step = box.meanSide * settings.padding / 2
    let (across, down) = (
      max(1, Int((Double(image.width) / step).rounded(.up))),
      max(1, Int((Double(image.height) / step).rounded(.up)))
    )
    let index = searched % (across * down)
    searched += 1
    return box.centered(
      (Double(index % across) + 0.5) * Double(image.width) / Double(across),
      (Double(index / across) + 0.5) * Double(image.height) / Double(down), inWidth: image.width, image.height
    )
  }
}
