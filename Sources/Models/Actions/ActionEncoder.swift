import Compute
import Networks

/// The network that a labelling model's features come from, as `config.json` says.
package enum ActionEncoder: Codable, Equatable, Sendable {
  /// Sees one frame at a time; a step of its features is a frame, averaged over its grid.
  case efficientNet(EfficientNetLite)
  /// Sees a window of frames at once: `I3D`.
  case i3d

  private enum Key: String, CodingKey { case architecture, inputSize }

  package init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: Key.self)
    guard try values.decode(String.self, forKey: .architecture) == I3D.architecture else {
      self = .efficientNet(try EfficientNetLite(from: decoder))
      return
    }
    guard try values.decode(Int.self, forKey: .inputSize) == I3D.inputSize else {
      throw DecodingError.dataCorruptedError(forKey: .inputSize, in: values, debugDescription: "not its size")
    }
    self = .i3d
  }

  package func encode(to encoder: any Encoder) throws {
    switch self {
    case .efficientNet(let network): try network.encode(to: encoder)
    case .i3d:
      var values = encoder.container(keyedBy: Key.self)
      try values.encode(I3D.architecture, forKey: .architecture)
      try values.encode(I3D.inputSize, forKey: .inputSize)
    }
  }

  /// Side of the network's square picture, in pixels.
  package var inputSize: Int {
    switch self {
    case .efficientNet(let network): network.inputSize
    case .i3d: I3D.inputSize
    }
  }

  var isSound: Bool {
    switch self {
    case .efficientNet(let network): network.isSound
    case .i3d: true
    }
  }

  /// What a frame's shorter side is shrunk to, in pixels, before anything is cut out of it.
  package var coveringSide: Int {
    switch self {
    case .efficientNet(let network): network.inputSize
    case .i3d: I3D.shorterSide
    }
  }

  /// Width of a step's features.
  package var channels: Int {
    switch self {
    case .efficientNet: EfficientNetLite.channels
    case .i3d: I3D.channels
    }
  }

  /// Frames that one step of the features stands for.
  package var framesPerStep: Int {
    switch self {
    case .efficientNet: 1
    case .i3d: I3D.framesPerStep
    }
  }

  /// That of the pictures which its published weights were trained with.
  package var preprocessing: Preprocessing {
    switch self {
    case .efficientNet: EfficientNetLite.preprocessing
    case .i3d: I3D.preprocessing
    }
  }

  /// The network, ready to run, with its weights from a file.
  /// - Parameter preprocessing: nil is the encoder's own.
  package func compiled(
    weights: SafetensorsFile, _ engine: Engine, preprocessing: Preprocessing? = nil
  ) throws -> any WindowEncoder {
    let preprocessing = preprocessing ?? self.preprocessing
    switch self {
    case .efficientNet(let network):
      return try GridEncoder(network, weights: weights, engine, preprocessing: preprocessing)
    case .i3d: return try ClipEncoder(weights: weights, engine, preprocessing: preprocessing)
    }
  }
}
