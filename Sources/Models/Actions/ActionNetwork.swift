import Compute
import Networks
import Tensors

/// Labels a clip: features of its frames, projected, through a recurrent layer over time, attended to (Bahdanau et al. 2015,
/// without a query: each step is scored by itself), and classified. Without a recurrence, the control: the frames' mean.
package struct ActionNetwork: Learned {
  /// Of the recurrence over time.
  package enum Cell: String, CaseIterable, ConfigurationName {
    case lstm, gru, rnn
    /// No recurrence and no attention: the mean over time.
    case average

    /// nil: none.
    var recurrence: RecurrentKind? {
      switch self {
      case .lstm: .lstm
      case .gru: .gru
      case .rnn: .rnn
      case .average: nil
      }
    }
  }

  /// Sizes, all configuration.
  package struct Sizes: Codable, Equatable, Sendable {
    package var cell: Cell
    /// Channels of a frame's features.
    package var channels: Int
    package var projection: Int
    package var hidden: Int
    package var attention: Int
    package var labels: Int

    package init(cell: Cell, channels: Int, projection: Int, hidden: Int, attention: Int, labels: Int) {
      (self.cell, self.channels, self.projection) = (cell, channels, projection)
      (self.hidden, self.attention, self.labels) = (hidden, attention, labels)
    }

    /// Width of what is averaged over time.
    var width: Int { cell == .average ? projection : hidden }
  }

  package let sizes: Sizes
  /// From a frame's channels: [projection, channels], followed by ReLU
  package var projection: Linear
  /// Unused, and one unit wide, where the cell is `average`.
  package var recurrent: RecurrentLayer<Tensor>
  /// From a step's state to its key: [attention, width]
  package var key: Linear
  /// [attention]
  package var score: Tensor
  /// [labels, width]
  package var output: Linear

  /// Random weights to start training from; zeros without a generator.
  package init(_ sizes: Sizes, using random: inout RandomGenerator?) {
    self.sizes = sizes
    let isRecurrent = sizes.cell != .average
    projection = Linear(inputs: sizes.channels, outputs: sizes.projection, using: &random)
    recurrent = RecurrentLayer(
      sizes.cell.recurrence ?? .rnn, inputs: isRecurrent ? sizes.projection : 1,
      width: isRecurrent ? sizes.hidden : 1,
      using: &random)
    key = Linear(
      inputs: isRecurrent ? sizes.width : 1, outputs: isRecurrent ? sizes.attention : 1, using: &random)
    let width = isRecurrent ? sizes.attention : 1
    score = Tensor(shape: [width], uniform: 1 / Float(width).squareRoot(), using: &random)
    output = Linear(inputs: sizes.width, outputs: sizes.labels, using: &random)
  }

  /// Weights read from a file, under the prefix `action`.
  package init(_ sizes: Sizes, from file: SafetensorsFile) throws(SafetensorsError) {
    let source = WeightSource(file, "action")
    // What the average leaves unused is one unit wide.
    let (hidden, attention) = sizes.cell == .average ? (1, 1) : (sizes.hidden, sizes.attention)
    self.sizes = sizes
    projection = try source.linear("projection", sizes.projection, sizes.channels)
    recurrent = try source.recurrent(
      "recurrent", sizes.cell.recurrence ?? .rnn, inputs: sizes.cell == .average ? 1 : sizes.projection,
      width: hidden)
    key = try source.linear("key", attention, hidden)
    score = try source.tensor("score.weight", [attention])
    output = try source.linear("output", sizes.labels, sizes.width)
  }

  package var parameters: [Parameter<ActionNetwork>] {
    projection.parameters(of: "projection", at: \.projection)
      + recurrent.parameters(of: "recurrent", at: \.recurrent)
      + key.parameters(of: "key", at: \.key) + [Parameter("score.weight", \.score)]
      + output.parameters(of: "output", at: \.output)
  }
}
