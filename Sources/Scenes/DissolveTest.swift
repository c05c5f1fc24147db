/// Tells a dissolve from things that move: its middle is a mixture of the frames before and after it.
enum DissolveTest {
  /// Most of the squared error of the better of the two frames alone that the mixture may leave, and the share of each frame in it.
  /// In videos made of validation clips no dissolve leaves more than 0.80 or has a share outside 0.28 to 0.64.
  private static let (unexplained, shares) = (Float(0.85), Float(0.2)...Float(0.8))

  /// Whether `middle` is about a · before + b · after + c, by least squares over all values.
  static func holds(before: Thumbnail, middle: Thumbnail, after: Thumbnail) -> Bool {
    let (a, b, m) = (centered(before), centered(after), centered(middle))
    let (aa, bb, ab) = (product(a, a), product(b, b), product(a, b))
    let (am, bm, mm) = (product(a, m), product(b, m), product(m, m))
    let determinant = aa * bb - ab * ab
    // Of two frames that are alike or of one color nothing is mixed.
    guard aa > 0, bb > 0, determinant > 1e-4 * aa * bb else { return false }
    let shareOfBefore = (am * bb - bm * ab) / determinant
    let shareOfAfter = (bm * aa - am * ab) / determinant
    let left = mm - shareOfBefore * am - shareOfAfter * bm
    let alone = mm - max(am * am / aa, bm * bm / bb)
    return left <= unexplained * alone && shares.contains(shareOfBefore) && shares.contains(shareOfAfter)
  }

  /// The values less their mean.
  private static func centered(_ frame: Thumbnail) -> [Float] {
    let mean = Float(frame.values.reduce(0) { $0 + Int($1) }) / Float(frame.values.count)
    return frame.values.map { Float($0) - mean }
  }

  private static func product(_ a: [Float], _ b: [Float]) -> Float {
    var sum: Float = 0
    for index in a.indices { sum += a[index] * b[index] }
    return sum
  }
}
