import Foundation

/// Where a thing is in a window: a filter for each kind of feature, whose answers are added up (after Ma et al. 2015, who go from the
/// coarse to the fine).
struct PlaceFilter {
  /// Where the answers are highest.
  struct Peak {
    /// From the window's middle, as a share of its side.
    var x, y: Double
    /// 1 where the window looks as what was learned.
    var height: Double
  }

  private var filters: [CorrelationFilter]
  private let weights: [Float]

  /// - Parameters:
  ///   - transforms: from fine to coarse
  ///   - share: what the thing takes of the window's side
  init(_ transforms: [FourierTransform], share: Double, _ settings: TrackSettings) {
    filters = transforms.map { CorrelationFilter($0, spread: settings.spread * share * Double($0.side)) }
    let sum = settings.weights.reduce(0, +)
    weights = settings.weights.map { $0 / sum }
  }

  mutating func learn(_ spectra: [Spectra], rate: Float) {
    for index in filters.indices { filters[index].learn(spectra[index], rate: rate) }
  }

  func find(_ spectra: [Spectra]) -> Peak {
    let transform = filters[0].transform
    let side = transform.side
    var (real, imaginary) = (
      [Float](repeating: 0, count: side * side), [Float](repeating: 0, count: side * side)
    )
    for (index, filter) in filters.enumerated() {
      let answer = filter.answer(to: spectra[index])
      let own = filter.transform.side
      let scale = weights[index] * Float(side * side) / Float(own * own)
      // A coarse answer's waves are the slowest of a fine one.
      for row in 0..<own where own == side || row != own / 2 {
        let line = row < own / 2 ? row : row + side - own
        for column in 0..<own where own == side || column != own / 2 {
          let target = line * side + (column < own / 2 ? column : column + side - own)
          real[target] += scale * answer.real[row * own + column]
          imaginary[target] += scale * answer.imaginary[row * own + column]
        }
      }
    }
    transform.inverse(&real, &imaginary)
    return Self.peak(real, side)
  }

  /// The highest place, between the cells by a parabola.
  private static func peak(_ answers: [Float], _ side: Int) -> Peak {
    let best = answers.indices.max { answers[$0] < answers[$1] } ?? 0
    let (row, column) = (best / side, best % side)
    func value(_ row: Int, _ column: Int) -> Double {
      Double(answers[(row + side) % side * side + (column + side) % side])
    }
    func offset(_ before: Double, _ here: Double, _ after: Double) -> Double {
      let bend = before + after - 2 * here
      return bend < 0 ? min(max((before - after) / (2 * bend), -0.5), 0.5) : 0
    }
    let here = value(row, column)
    let x =
      Double(column < side / 2 ? column : column - side)
      + offset(value(row, column - 1), here, value(row, column + 1))
    let y =
      Double(row < side / 2 ? row : row - side) + offset(value(row - 1, column), here, value(row + 1, column))
    return Peak(x: x / Double(side), y: y / Double(side), height: here)
  }
}
