import Media

extension GridEncoder {
  /// A frame's features: the grid's mean over its positions.
  /// - Parameter features: [channels], overwritten
  package func pooled(_ image: Image, into features: UnsafeMutablePointer<Float>) {
    let grid = encode(image)
    let channels = EfficientNetLite.channels
    features.update(repeating: 0, count: channels)
    for position in 0..<positions {
      let cell = grid + position * channels
      for channel in 0..<channels { features[channel] += cell[channel] }
    }
    let share = 1 / Float(positions)
    for channel in 0..<channels { features[channel] *= share }
  }
}
