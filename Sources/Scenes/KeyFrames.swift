import Media

/// How good a picture a frame makes, apart from what it shows.
package enum PictureQuality {
  /// From 0 to 1: sharpness times exposure.
  /// - Sharpness is the spread of a Laplacian of the luma (Pech-Pacheco et al. 2000), exposure the share of pixels that are neither
  ///   black nor white and the contrast between them.
  package static func score(_ image: Image) -> Float {
    let (wide, high) = (image.width, image.height)
    guard wide > 2, high > 2 else { return 0 }
    var luma = [Float](repeating: 0, count: wide * high)
    var (clipped, sum, squares) = (0, Float(0), Float(0))
    image.pixels.withUnsafeBufferPointer { v in
      for pixel in luma.indices {
        let value =
          0.299 * Float(v[3 * pixel]) + 0.587 * Float(v[3 * pixel + 1]) + 0.114 * Float(v[3 * pixel + 2])
        luma[pixel] = value
        sum += value
        squares += value * value
        if value < 16 || value > 240 { clipped += 1 }
      }
    }
    let count = Float(luma.count)
    let contrast = max(0, squares / count - (sum / count) * (sum / count)).squareRoot()
    var (edges, edgeSquares) = (Float(0), Float(0))
    luma.withUnsafeBufferPointer { l in
      for y in 1..<high - 1 {
        for x in 1..<wide - 1 {
          let at = y * wide + x
          let value = 4 * l[at] - l[at - 1] - l[at + 1] - l[at - wide] - l[at + wide]
          edges += value
          edgeSquares += value * value
        }
      }
    }
    let inner = Float((wide - 2) * (high - 2))
    let spread = max(0, edgeSquares / inner - (edges / inner) * (edges / inner)).squareRoot()
    let sharpness = spread / (spread + 8)
    let exposure = (1 - Float(clipped) / count) * (contrast / (contrast + 20))
    return sharpness * exposure
  }

  /// Whether there is nothing to be seen but one colour, give or take the noise of a codec.
  package static func isPlain(_ image: Image) -> Bool {
    var (low, high) = ([UInt8](repeating: 255, count: 3), [UInt8](repeating: 0, count: 3))
    // The border may be of another colour.
    for y in stride(from: image.height / 8, to: max(image.height * 7 / 8, 1), by: 4) {
      for x in stride(from: image.width / 8, to: max(image.width * 7 / 8, 1), by: 4) {
        for colour in 0..<3 {
          let value = image.pixels[(y * image.width + x) * 3 + colour]
          low[colour] = min(low[colour], value)
          high[colour] = max(high[colour], value)
        }
      }
    }
    return zip(low, high).allSatisfy { Int($1) - Int($0) < 12 }
  }
}

/// Chooses what stands for many by how alike they are.
package enum Representatives {
  /// The cosine of two vectors of length 1.
  package static func similarity(_ a: [Float], _ b: [Float]) -> Float {
    var sum: Float = 0
    for index in a.indices { sum += a[index] * b[index] }
    return sum
  }

  /// The vector with length 1; zeros stay zero.
  package static func normalized(_ vector: [Float]) -> [Float] {
    let length = vector.reduce(0) { $0 + $1 * $1 }.squareRoot()
    return length > 0 ? vector.map { $0 / length } : vector
  }

  /// Those of a shot: first the one most like all others and good as a picture, then those that are unlike all chosen.
  /// - Parameters:
  ///   - features: of length 1
  ///   - quality: 0 to 1 each
  ///   - alike: similarity from which on another one tells nothing new
  /// - Returns: indices in the order of choice, at least one, with their scores: mean similarity to all times quality
  package static func ofShot(
    _ features: [[Float]], quality: [Float], limit: Int, alike: Float
  ) -> [(index: Int, score: Float)] {
    let scores = features.indices.map { a in
      features.reduce(0) { $0 + max(0, similarity(features[a], $1)) } / Float(features.count)
        * (0.3 + quality[a])
    }
    var chosen: [Int] = []
    while chosen.count < limit {
      let open = features.indices.filter { a in
        chosen.allSatisfy { $0 != a && similarity(features[a], features[$0]) < alike }
      }
      guard let best = open.max(by: { (scores[$0], -$0) < (scores[$1], -$1) }) else { break }
      chosen.append(best)
    }
    return chosen.map { ($0, scores[$0]) }
  }

  /// A given number that stand for all, by facility location: each next one adds most to the similarity of everything to its
  /// nearest representative (greedy, within 1 - 1/e of the best; Nemhauser et al. 1978). What a candidate adds can only fall, so
  /// that most need not be looked at again (Minoux 1978).
  /// - Parameters:
  ///   - features: of length 1
  ///   - weights: how much each counts
  /// - Returns: indices, ascending
  package static func ofAll(_ features: [[Float]], weights: [Float], count: Int) -> [Int] {
    var nearest = [Float](repeating: 0, count: features.count)
    var gains = [Float](repeating: .infinity, count: features.count)
    var chosen: [Int] = []
    while chosen.count < min(count, features.count) {
      var isCurrent = [Bool](repeating: false, count: features.count)
      while let best = gains.indices.max(by: { (gains[$0], -$0) < (gains[$1], -$1) }) {
        if isCurrent[best] {
          chosen.append(best)
          gains[best] = -.infinity
          for other in features.indices {
            nearest[other] = max(nearest[other], similarity(features[best], features[other]))
          }
          break
        }
        isCurrent[best] = true
        gains[best] = features.indices.reduce(0) {
          $0 + weights[$1] * max(0, similarity(features[best], features[$1]) - nearest[$1])
        }
      }
    }
    return chosen.sorted()
  }
}
