import Compute
import Foundation

/// The numbers that a captioning model's encoder multiplies, in whole numbers of eight bits its decoder too, and of an imported model all
/// that reads and writes.
public enum Precision: String, CaseIterable, Codable, CodingKeyRepresentable, Sendable {
  /// The fastest that this CPU has and that costs next to nothing, as far as the model's `precision.json` knows.
  case auto
  /// Single precision.
  case f32
  /// bfloat16, on CPUs that multiply it.
  case bf16
  /// Whole numbers of eight bits. The `precision.json` of a model of ours says what they stand for.
  case int8

  /// What `auto` may cost, in CIDEr-D.
  package static let tolerance = 0.005

  /// Whether this CPU calculates in it, and gains by it.
  package var isSupported: Bool {
    switch self {
    case .auto, .f32: true
    case .bf16: CPUFeatures.multipliesBFloat16
    case .int8: CPUFeatures.multipliesBytes
    }
  }

  /// What a model is to calculate in, on this CPU.
  package func ofEncoder(_ model: CaptioningModel, _ folder: URL) throws -> EncoderPrecision {
    try checkCPU()
    return try encoder(model, folder)
  }

  package func checkCPU() throws(PrecisionError) {
    guard isSupported else { throw PrecisionError(precision: self) }
  }

  /// What a model is to calculate in.
  package func encoder(_ model: CaptioningModel, _ folder: URL) throws(ModelError) -> EncoderPrecision {
    switch self {
    case .f32: return .f32
    case .bf16: return .bf16
    case .int8:
      return .int8(ranges: model.rangedLayers.isEmpty ? [:] : try PrecisionFile(of: model, in: folder).ranges)
    case .auto:
      return try PrecisionFile.read(of: model, in: folder).content?.fastest ?? .f32
    }
  }
}

/// A precision that this CPU does not have.
package struct PrecisionError: Error, CustomStringConvertible, Equatable {
  /// What was asked for.
  package let precision: Precision
  /// One sentence.
  package var description: String { "This CPU cannot calculate in \(precision.rawValue)." }
}

/// A precision with all that it needs to know.
package enum EncoderPrecision: Equatable, Sendable {
  case f32
  case bf16
  /// - Parameter ranges: the magnitude to which each linear layer's outputs are kept, by the layer's name
  case int8(ranges: [String: Float])

  package var name: Precision {
    switch self {
    case .f32: .f32
    case .bf16: .bf16
    case .int8: .int8
    }
  }

  /// That of a layer's output within the network.
  func output(of layer: EfficientNetLite.Layer) -> NumberFormat {
    switch self {
    case .f32: return .single
    case .bf16: return .bfloat16
    case .int8(let ranges):
      guard !layer.clipped else { return .clipped }
      guard let range = ranges[layer.name] else { preconditionFailure("no range of \(layer.name)") }
      return .centered(step: range / 127)
    }
  }
}
