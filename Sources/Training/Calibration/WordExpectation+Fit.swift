import Algorithms
import Compute
import Foundation
import Language
import Models
import Narration
import Tensors

extension WordExpectation {
  /// A picture whose captions are known.
  package struct Example: Sendable {
    /// The mean of its grids: [channels]
    package let mean: [Float]
    package let style: Int
    /// [captions][words]
    package let captions: [[String]]

    package init(mean: [Float], style: Int, captions: [[String]]) {
      (self.mean, self.style, self.captions) = (mean, style, captions)
    }
  }

  /// How it is fitted.
  package struct Fit: Sendable {
    /// Most landmarks; they are pictures drawn at random.
    package var landmarks = 3000
    /// Most principal components of the features that count.
    package var axes = 256
    /// Rank of what is said of the words.
    package var topics = 384
    /// Words in the captions of fewer pictures are not expected.
    package var leastPictures = 25
    /// The squared distance of two pictures of middling likeness.
    package var spread = 1.25
    /// Of the ridge regression, as if so many pictures said that each weight is 0.
    package var penalty = 0.05

    package init() {}
  }

  /// Ridge regression (Hoerl and Kennard 1970) of the words' weights in the captions on how alike pictures are to landmarks. By the
  /// calling thread's team.
  /// - Parameters:
  ///   - examples: at least 2
  ///   - styles: number of styles
  ///   - check: called now and then; what it throws ends the fit.
  /// - Returns: nil if no word is in the captions of enough pictures.
  package static func fitted(
    _ examples: [Example], vocabulary: Vocabulary, styles: Int, _ fit: Fit = Fit(),
    check: () throws -> Void = {}
  ) throws -> Parts? {
    precondition(examples.count > 1)
    let targets = WordTargets(
      examples.map(\.captions), styles: examples.map(\.style), styleCount: styles, vocabulary: vocabulary,
      leastPictures: fit.leastPictures)
    guard !targets.words.isEmpty else { return nil }
    try check()
    let axes = min(fit.axes, examples.count - 1, examples[0].mean.count)
    let space = FeatureSpace(of: examples.map(\.mean), count: axes)
    var random = RandomGenerator(seed: 1)
    let (coordinates, scale) = scaledCoordinates(examples, space, spread: fit.spread, &random)
    var order = Array(examples.indices)
    random.shuffle(&order)
    let chosen = order.prefix(fit.landmarks)
    let landmarks = Tensor(
      shape: [chosen.count, axes],
      values: chosen.flatMap { index in (0..<axes).map { coordinates.pointer[index * axes + $0] } })
    let landmarkStyles = chosen.map { examples[$0].style }

    var equations = NormalEquations(landmarks: chosen.count, words: targets.words.count)
    for block in examples.indices.chunks(ofCount: NormalEquations.block) {
      try check()
      equations.add(
        likeness(coordinates, block, examples[block].map(\.style), landmarks, landmarkStyles),
        targets.values(block))
    }
    try check()
    let solution = equations.solution(penalty: fit.penalty)
    try check()
    let (topics, weights) = equations.reduced(solution, rank: fit.topics)
    let projection = Tensor(shape: space.components.shape, values: space.components.values.map { $0 * scale })
    var offset = Tensor(shape: [axes])
    multiply(
      projection.rows, Rows(space.mean.pointer, rows: space.mean.count, columns: 1),
      into: MutableRows(offset.mutablePointer, rows: axes, columns: 1))
    return Parts(
      projection: projection, offset: Tensor(shape: [axes], values: offset.values.map { -$0 }),
      landmarks: landmarks,
      styles: Tensor(shape: [chosen.count], values: landmarkStyles.map { Float($0) }), topics: topics,
      weights: weights, means: targets.means,
      words: Tensor(shape: [targets.words.count], values: targets.words.map { Float($0) }),
      rarities: targets.rarities)
  }

  /// - Returns: [pictures, axes], so that two pictures of middling likeness are as far apart as asked, and what makes them so.
  private static func scaledCoordinates(
    _ examples: [Example], _ space: FeatureSpace, spread: Double, _ random: inout RandomGenerator
  ) -> (Tensor, scale: Float) {
    let (pictures, axes) = (examples.count, space.count)
    var coordinates = Tensor(shape: [pictures, axes])
    let rows = coordinates.mutableRows
    for (picture, example) in examples.enumerated() {
      let centered = zip(example.mean, space.mean.values).map { $0 - $1 }
      centered.withUnsafeRows(1) {
        multiply($0, space.components.rows, into: rows[picture..<picture + 1], transposeB: true)
      }
    }
    let distances = (0..<5000).map { _ in
      let (a, b) = (random.integer(below: pictures), random.integer(below: pictures))
      return (0..<axes).reduce(0.0) { sum, axis in
        let difference = Double(rows[a][axis] - rows[b][axis])
        return sum + difference * difference
      }
    }.filter { $0 > 0 }.sorted()
    // Pictures that are all the same have any scale.
    let middle = distances.isEmpty ? 1 : distances[distances.count / 2]
    let scale = Float((spread / middle).squareRoot())
    for index in 0..<rows.count { rows.base[index] *= scale }
    return (coordinates, scale)
  }

  /// How alike pictures are to landmarks: e to the minus squared distance, and less for another style.
  /// - Parameters:
  ///   - coordinates: of all pictures, [all, axes]
  ///   - styles: [pictures]
  /// - Returns: [pictures, landmarks]
  private static func likeness(
    _ coordinates: Tensor, _ pictures: Range<Int>, _ styles: [Int], _ landmarks: Tensor,
    _ landmarkStyles: [Int]
  ) -> Tensor {
    let (axes, count) = (coordinates.shape[1], landmarks.shape[0])
    let points = coordinates.rows[pictures]
    func square(_ point: UnsafePointer<Float>) -> Float {
      (0..<axes).reduce(0) { $0 + point[$1] * point[$1] }
    }
    let theirs = (0..<count).map { square(landmarks.rows[$0]) }
    var alike = Tensor(shape: [pictures.count, count])
    let rows = alike.mutableRows
    multiply(points, landmarks.rows, into: rows, transposeB: true)
    for picture in 0..<pictures.count {
      let (mine, row) = (square(points[picture]), rows[picture])
      for landmark in 0..<count {
        row[landmark] =
          exp(2 * row[landmark] - mine - theirs[landmark])
          * (styles[picture] == landmarkStyles[landmark] ? 1 : otherStyle)
      }
    }
    return alike
  }
}
