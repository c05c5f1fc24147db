import Compute
import Language
import Models
import Narration

/// Every setting of a training run, with its default: what `--print-config` shows and `--config` reads.
package struct CaptionSettings: TrainingSettings {
  package struct Encoder: Equatable, Sendable {
    /// A network that there are ImageNet weights for: one of `architectures`.
    package var architecture = EfficientNetLite.Variant.lite2
    /// Side of the square picture, in pixels.
    package var inputSize = 260
    package static let architectures = [EfficientNetLite.Variant.lite1, .lite2]
  }

  package struct Vocabulary: Equatable, Sendable {
    /// Words seen less often in the training captions are unknown to the decoder.
    package var minimumCount = 5
  }

  package struct Captions: Equatable, Sendable {
    /// Captions of a picture or clip that are learned from: those that agree most with its others, by CIDEr-D; 0 is
    /// all of them.
    package var mostAgreeing = 10
  }

  /// The decoder and the widths of its layers.
  package struct Decoder: Equatable, Sendable {
    package enum Architecture: String, CaseIterable, Sendable {
      /// An LSTM that attends after each word (Xu et al. 2015, Lu et al. 2017).
      case lstm
      /// Vaswani et al. 2017. Its embedding must be as wide as its hidden states.
      case transformer
    }

    package var architecture = Architecture.lstm
    package var embedding = 512
    package var hidden = 512
    /// Of keys and queries; a Transformer's heads share it.
    package var attention = 256
    /// A Transformer's layers, the heads of each attention, and the units between its layers.
    package var layers = 3
    package var heads = 8
    package var feedForward = 1024
    /// Channels that the encoder's features are projected to.
    package var projection = 512
    /// Knots of the embedding of a frame's position in a clip; as many frames of a video are learned from.
    package var frameKnots = 4
    /// Longer captions are cut.
    package var maximumWords = 20
  }

  /// The first stage, in which the decoder learns alone, and what holds for all of them.
  package struct Optimization: Equatable, Sendable {
    package var learningRate = 1e-3
    package var warmupSteps = 100
    /// The learning rate's factor after each epoch.
    package var decayPerEpoch = 0.88
    /// Largest Euclidean norm of the whole gradient.
    package var gradientClip = 5.0
    /// Adam's (Kingma and Ba 2015).
    package var beta1 = 0.9
    package var beta2 = 0.999
    package var epsilon = 1e-8
    /// Decay of the moving average of the weights per step; 0 is no average.
    package var averageDecay = 0.998
    package var imagesPerBatch = 16
    package var captionsPerImage = 5
    /// Parts of a batch that are computed on their own and summed in order: the result does not depend on
    /// `--threads`.
    package var shards = 2
    /// Of the decoder's products of matrices, see `ProductPrecision`.
    package var precision = ProductPrecision.single
    /// 0 leaves the stage out.
    package var epochs = 14
    /// Epochs of a stage without a better validation score before it ends.
    package var patience = 3
    /// Whether half of the pictures are shown mirrored, at random.
    package var flips = true
  }

  /// The second stage: the encoder's last blocks learn along with the decoder.
  package struct FineTuning: Equatable, Sendable {
    /// 0 leaves the stage out.
    package var epochs = 0
    /// Blocks of the encoder that learn, from its end; the last convolution always does.
    package var blocks = 13
    package var captionsPerImage = 3
    package var encoderRate = 5e-5
    package var decoderRate = 1.5e-4
    package var warmupSteps = 100
    /// The learning rates' factor after each epoch.
    package var decayPerEpoch = 0.5
    /// Pictures are cut to a random rectangle with at least this share of their area.
    package var smallestCrop = 0.7
    /// How far brightness, contrast and saturation are changed at random, at most.
    package var color = 0.2
  }

  /// The last stage: captions that the decoder draws itself are made likelier by how much better than its other ones they
  /// score (self-critical sequence training, Rennie et al. 2017; the mean of the others as the baseline, Luo 2020).
  package struct SelfCritical: Equatable, Sendable {
    /// 0 leaves the stage out.
    package var epochs = 0
    /// Captions drawn of a picture.
    package var samples = 5
    /// What a caption's reward, its CIDEr-D, is lowered by for what nobody said of the picture.
    package var costs = TruthCosts()
    package var learningRate = 1e-4
    package var warmupSteps = 100
    /// The learning rate's factor after each epoch.
    package var decayPerEpoch = 0.75
    /// Whether the probabilities that are learned have the dropout of `regularization`; drawing never has.
    package var dropout = true
    /// Whether pictures are cut and colored at random as in fine-tuning, and encoded anew each time; the encoder stays as it
    /// is. Without it the decoder soon knows each picture by its features. Videos are decoded for each of their clips' turns.
    package var augmentation = true
    /// How far the model's decoder is from the one that the stage began with to the moving average of what it has become: 1 is
    /// all the way (Wortsman et al. 2022, "Robust fine-tuning of zero-shot models"). What stands between describes as well, and
    /// is less sure of one sentence, which leaves the reranker more to choose from.
    package var interpolation = 0.7
  }

  package struct Validation: Equatable, Sendable {
    package var beam = 3
    /// Beams are ranked by log-probability / words^exponent.
    package var lengthExponent = 0.7
    /// Which words may occur twice in a caption.
    package var repetition = Repetition.any
    /// Number of validation pictures that are captioned; 0 is all of them.
    package var limit = 0
  }

  package var seed: UInt64 = 1
  package var encoder = Encoder()
  package var captions = Captions()
  package var vocabulary = Vocabulary()
  package var decoder = Decoder()
  package var regularization = RegularizationSettings()
  package var optimization = Optimization()
  package var fineTuning = FineTuning()
  package var selfCritical = SelfCritical()
  package var validation = Validation()

  package init() {}
}
