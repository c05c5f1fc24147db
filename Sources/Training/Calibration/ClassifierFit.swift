import Algorithms
import Foundation
import Networks
import Tensors

/// Teaches a linear classifier to say what another network says of the same pictures.
package struct ClassifierFit {
  private static let batch = 256
  private static let rate: Float = 1e-3

  package private(set) var classifier: Linear
  private var optimizer: AdamW<Linear>
  /// [pictures][channels]
  private let features: [[Float]]
  /// [pictures][classes], of the other network
  private let logits: [[Float]]
  /// Pictures that are not learned from.
  package let held: [Int]
  private var learned: [Int]
  private var random = RandomGenerator(seed: 1)

  /// - Parameter classifier: to start from
  package init(_ classifier: Linear, features: [[Float]], logits: [[Float]]) {
    precondition(features.count == logits.count)
    (self.classifier, self.features, self.logits) = (classifier, features, logits)
    held = features.indices.filter { $0 % 10 == 9 }
    learned = features.indices.filter { $0 % 10 != 9 }
    optimizer = AdamW(classifier)
  }

  /// One pass over the pictures; the rate falls to nothing in the last.
  package mutating func learn(epoch: Int, of epochs: Int) {
    random.shuffle(&learned)
    let (inputs, classes) = (classifier.inputs, classifier.outputs)
    for batch in learned.chunks(ofCount: Self.batch) {
      let x = Tensor(shape: [batch.count, inputs], values: batch.flatMap { features[$0] })
      var targets = Tensor(shape: [batch.count, classes], values: batch.flatMap { logits[$0] })
      var scores = Tensor(shape: [batch.count, classes])
      classifier.forward(x.rows, into: scores.mutableRows)
      logSoftmax(scores.mutableRows)
      logSoftmax(targets.mutableRows)
      // The cross-entropy's gradient with respect to the scores takes their place.
      let scoreGradient = scores.mutablePointer
      for i in 0..<scores.count {
        scoreGradient[i] = (exp(scoreGradient[i]) - exp(targets.pointer[i])) / Float(batch.count)
      }
      var gradient = classifier.zeros
      classifier.backward(x.rows, scores.rows, into: nil, gradient: &gradient)
      let done = (Float(epoch - 1) + Float(batch.startIndex) / Float(learned.count)) / Float(epochs)
      optimizer.update(&classifier, gradient: gradient, rate: Self.rate * (1 - done))
    }
  }

  /// How often the likeliest class is the other network's, of the pictures held out.
  package var agreement: Double {
    let same = held.count { picture in
      let scores = classifier.forward(features[picture])
      return scores.indices.max { scores[$0] < scores[$1] }
        == scores.indices.max { logits[picture][$0] < logits[picture][$1] }
    }
    return Double(same) / Double(max(1, held.count))
  }
}
