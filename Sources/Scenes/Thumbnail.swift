import Media

/// A frame made small: what shots are told apart by. The whole frame, stretched to 48 × 27 (as in Souček and Lokoč 2020).
package struct Thumbnail: Sendable, Equatable {
  package static let width = 48
  package static let height = 27
  package static let pixels = width * height

  /// Interleaved RGB, row-major: [height, width, 3].
  package let values: [UInt8]

  /// - Precondition: `values` has height * width * 3 elements.
  package init(values: [UInt8]) {
    precondition(values.count == Self.pixels * 3)
    self.values = values
  }

  /// A frame of any size.
  package init(_ image: Image) {
    values = image.resized(width: Self.width, height: Self.height).pixels
  }
}
