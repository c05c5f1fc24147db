import Compute
import Foundation
import Networks
import Tensors

/// Which words people would use of a picture, and how much each would count: the mean of their captions' unit TF-IDF vectors of
/// words, by radial basis functions about pictures whose captions are known (Broomhead and Lowe 1988).
package struct WordExpectation: Sendable {
  /// Of a picture of another style, as of one that much less like it.
  package static let otherStyle: Float = 0.5

  /// The tensors that it consists of, as they are stored.
  package struct Parts: Sendable {
    /// From a picture's mean features to its point, whose squared distance to a landmark is the logarithm of how little the
    /// two are alike: [axes, channels], [axes]
    package var projection, offset: Tensor
    /// Points of pictures whose captions are known: [landmarks, axes]
    package var landmarks: Tensor
    /// Style of each one's captions: [landmarks]
    package var styles: Tensor
    /// What each landmark says of what pictures are about: [topics, landmarks]
    package var topics: Tensor
    /// What that says of each word that is expected at all: [words, topics]
    package var weights: Tensor
    /// What is expected of any picture of a style: [styles, words]
    package var means: Tensor
    /// Indices in the vocabulary: [words]
    package var words: Tensor
    /// log(pictures / pictures with the word in a caption), of words in no caption as of those in one: [vocabulary]
    package var rarities: Tensor

    package init(
      projection: Tensor, offset: Tensor, landmarks: Tensor, styles: Tensor, topics: Tensor, weights: Tensor,
      means: Tensor, words: Tensor, rarities: Tensor
    ) {
      (self.projection, self.offset, self.landmarks) = (projection, offset, landmarks)
      (self.styles, self.topics, self.weights) = (styles, topics, weights)
      (self.means, self.words, self.rarities) = (means, words, rarities)
    }
  }

  let projection: HalfLinear
  /// Its bias is what takes the inner product to half the squared distance.
  let landmarks: HalfLinear
  private let landmarkStyles: [Int]
  let topics, weights: HalfMatrix
  private let means: Tensor
  /// [vocabulary], the index of a word among those expected, or nil
  private let indices: [Int?]
  /// [vocabulary]
  package let rarities: [Float]

  package init(_ parts: Parts) {
    self.init(
      projection: HalfLinear(weight: HalfMatrix(parts.projection), bias: parts.offset),
      landmarks: HalfMatrix(parts.landmarks), styles: parts.styles, topics: HalfMatrix(parts.topics),
      weights: HalfMatrix(parts.weights), means: parts.means, words: parts.words, rarities: parts.rarities)
  }

  private init(
    projection: HalfLinear, landmarks: HalfMatrix, styles: Tensor, topics: HalfMatrix, weights: HalfMatrix,
    means: Tensor, words: Tensor, rarities: Tensor
  ) {
    let (count, axes) = (landmarks.outputs, landmarks.inputs)
    precondition(projection.weight.outputs == axes && styles.shape == [count])
    precondition(topics.inputs == count && weights.inputs == topics.outputs)
    precondition(means.shape.count == 2 && means.shape[1] == weights.outputs)
    precondition(words.shape == [weights.outputs])
    var bias = Tensor(shape: [count])
    var row = [Float](repeating: 0, count: axes)
    for landmark in 0..<count {
      landmarks.copyRow(landmark, into: &row)
      bias.mutablePointer[landmark] = -row.reduce(0) { $0 + $1 * $1 } / 2
    }
    (self.projection, self.topics, self.weights, self.means) = (projection, topics, weights, means)
    self.landmarks = HalfLinear(weight: landmarks, bias: bias)
    landmarkStyles = styles.values.map { Int($0) }
    self.rarities = rarities.values
    var indices = [Int?](repeating: nil, count: rarities.count)
    for (index, word) in words.values.enumerated() { indices[Int(word)] = index }
    self.indices = indices
  }

  /// Reads the parts.
  /// - Parameters:
  ///   - vocabulary: number of words
  ///   - styles: number of styles
  package init(from file: SafetensorsFile, vocabulary: Int, styles: Int) throws(SafetensorsError) {
    func damaged(_ reason: String) -> SafetensorsError { .damaged(path: file.path, reason: reason) }
    func shape(_ name: String) throws(SafetensorsError) -> (rows: Int, columns: Int) {
      guard let shape = file.shape(of: name), shape.count == 2, shape[0] > 0, shape[1] > 0 else {
        throw damaged("tensor \(name) is no matrix")
      }
      return (shape[0], shape[1])
    }
    let (landmarks, weights) = (try shape("landmarks"), try shape("weights"))
    let words = try file.tensor("words", shape: [weights.rows])
    let landmarkStyles = try file.tensor("styles", shape: [landmarks.rows])
    func areIndices(_ tensor: Tensor, below count: Int) -> Bool {
      tensor.values.allSatisfy { 0..<Float(count) ~= $0 && $0 == $0.rounded() }
    }
    guard areIndices(words, below: vocabulary), areIndices(landmarkStyles, below: styles),
      Set(words.values).count == words.count
    else { throw damaged("words or styles that the model does not have, or a word twice") }
    func finite(_ name: String, _ shape: [Int]) throws(SafetensorsError) -> Tensor {
      let tensor = try file.tensor(name, shape: shape)
      guard tensor.values.allSatisfy({ $0.isFinite }) else { throw damaged("tensor \(name) is not finite") }
      return tensor
    }
    self.init(
      projection: HalfLinear(
        weight: try file.matrix("projection", shape: [landmarks.columns, EfficientNetLite.channels]),
        bias: try finite("offset", [landmarks.columns])),
      landmarks: try file.matrix("landmarks", shape: [landmarks.rows, landmarks.columns]),
      styles: landmarkStyles, topics: try file.matrix("topics", shape: [weights.columns, landmarks.rows]),
      weights: try file.matrix("weights", shape: [weights.rows, weights.columns]),
      means: try finite("means", [styles, weights.rows]), words: words,
      rarities: try finite("rarities", [vocabulary]))
  }

  /// What is expected of a caption.
  package struct Outlook: Sendable, Equatable {
    /// How much it is expected to agree with what people would write: the cosine of the vectors, 0…1 but for errors.
    package var similarity: Float = 0
    /// Its words that tell something, each counted once: those rarer than `tellingRarity`.
    package var tellingWords = 0
    /// Mean of their rarities; NaN where there are none.
    package var rarity: Double = 0
    /// Mean logarithm of how much each is expected, by its rarity; NaN where there are none.
    package var use: Double = 0
  }

  /// A word of this rarity is in the captions of about one picture in five.
  private static let tellingRarity: Float = 1.5
  /// Less than this is as good as not expected.
  private static let leastUse = 0.002

  /// What is expected of a caption.
  /// - Parameters:
  ///   - caption: [words], vocabulary indices; of markers nothing is expected.
  ///   - expected: see `words(mean:style:)`
  package func outlook(_ caption: [Int32], expected: [Float]) -> Outlook {
    var outlook = Outlook(similarity: similarity(caption, expected))
    for word in Set(caption).sorted() {
      let rarity = rarities[Int(word)]
      guard rarity > Self.tellingRarity else { continue }
      outlook.tellingWords += 1
      outlook.rarity += Double(rarity)
      outlook.use += log(max(Double(expected[Int(word)] / rarity), Self.leastUse))
    }
    outlook.rarity /= Double(outlook.tellingWords)
    outlook.use /= Double(outlook.tellingWords)
    return outlook
  }

  /// How much a caption agrees with what is expected: the inner product of its unit TF-IDF vector and that.
  /// - Parameter expected: [vocabulary]
  package func similarity(_ caption: [Int32], _ expected: [Float]) -> Float {
    var counts: [Int32: Float] = [:]
    for word in caption { counts[word, default: 0] += 1 }
    var (product, squares): (Float, Float) = (0, 0)
    // In the order of the words: a sum depends on it.
    for (word, count) in counts.sorted(by: { $0.key < $1.key }) {
      let weight = count * rarities[Int(word)]
      squares += weight * weight
      product += weight * expected[Int(word)]
    }
    return squares > 0 ? product / squares.squareRoot() : 0
  }

  /// What is expected of people who write of a picture: nearly the mean of their captions' vectors, [vocabulary].
  /// - Parameter mean: [channels], the mean of the picture's grids
  package func words(mean: [Float], style: Int) -> [Float] {
    precondition(mean.count == projection.weight.inputs && style < means.shape[0])
    let point = projection.forward(mean)
    let half = point.reduce(0) { $0 + $1 * $1 } / 2
    var alike = landmarks.forward(point)
    for (index, other) in landmarkStyles.enumerated() {
      alike[index] = exp(2 * (alike[index] - half)) * (other == style ? 1 : Self.otherStyle)
    }
    let expected = weights.multiply(topics.multiply(alike))
    let mean = means.rows[style]
    defer { withExtendedLifetime(means) {} }
    return indices.map { $0.map { expected[$0] + mean[$0] } ?? 0 }
  }
}

extension WordExpectation.Parts {
  /// Adds the tensors to a file.
  package func add(to writer: inout SafetensorsWriter) {
    for (name, tensor) in [
      ("projection", projection), ("landmarks", landmarks), ("topics", topics), ("weights", weights),
    ] { writer.add(name, tensor, half: true) }
    for (name, tensor) in [
      ("offset", offset), ("styles", styles), ("means", means), ("words", words), ("rarities", rarities),
    ] { writer.add(name, tensor, half: false) }
  }
}
