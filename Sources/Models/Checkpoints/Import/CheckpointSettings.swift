import Files
import Foundation
import Media
import Networks

/// A checkpoint's `config.json` and `preprocessor_config.json` as our configuration. What they leave out is what Hugging Face's
/// transformers take then.
struct CheckpointSettings {
  private let source: CheckpointSource
  private let path: String
  private let json: JSON

  init(_ source: CheckpointSource) throws {
    self.source = source
    let file = source.folder.appendingPathComponent("config.json")
    (path, json) = (file.path, try CheckpointSource.json(file))
  }

  func architecture() throws -> CheckpointConfiguration.Architecture {
    guard let name = json["model_type"]?.string else { throw ImportError(path, "no model_type") }
    guard let known = CheckpointConfiguration.Architecture(rawValue: name) else {
      throw ImportError(path, "a model of type \(name); known are git and blip")
    }
    return known
  }

  /// - Parameter pieces: of the vocabulary
  func configuration(pieces: Int) throws -> CheckpointConfiguration {
    let architecture = try architecture()
    let isGIT = architecture == .git
    let encoder = try encoder(isGIT)
    let text = isGIT ? json : json["text_config"] ?? .object([])
    let words = try integer(text, "vocab_size", isGIT ? 30_522 : 30_524)
    let decoder = CheckpointConfiguration.Decoder(
      words: words, width: try integer(text, "hidden_size", 768),
      layers: try integer(text, "num_hidden_layers", isGIT ? 6 : 12),
      heads: try integer(text, "num_attention_heads", isGIT ? 12 : 8),
      feedForward: try integer(text, "intermediate_size", 3072), activation: try activation(text, "gelu"),
      epsilon: try number(text, "layer_norm_eps", 1e-12),
      positions: try integer(text, "max_position_embeddings", isGIT ? 1024 : 512),
      frames: isGIT ? try integer(text, "num_image_with_embedding", 1) : 1,
      tiesOutput: try isTied(text, isGIT))
    let beginning = try integer(text, "bos_token_id", isGIT ? 101 : 30_522)
    let end = try integer(text, isGIT ? "eos_token_id" : "sep_token_id", 102)
    let padding = try integer(text, "pad_token_id", 0)
    // Markers of BLIP's may stand behind the tokenizer's pieces.
    guard pieces == words || !isGIT && (words - 2..<words).contains(pieces) && beginning >= pieces else {
      throw ImportError(
        source.folder.path, "a vocabulary of \(pieces) pieces of words, config.json says \(words)")
    }
    let markers = [beginning, end, padding]
    guard markers.allSatisfy({ 0..<words ~= $0 }) else {
      throw ImportError(path, "a marker that is not in the vocabulary")
    }
    let configuration = CheckpointConfiguration(
      architecture: architecture, encoder: encoder, decoder: decoder,
      markers: .init(
        beginning: Int32(beginning), end: Int32(end),
        unwritten: Set(markers + Array(min(pieces, words)..<words)).sorted().map { Int32($0) }),
      preprocessing: try preprocessing(encoder))
    guard configuration.isSound else { throw ImportError(path, "sizes that no such network has") }
    return configuration
  }

  private func isTied(_ text: JSON, _ isGIT: Bool) throws -> Bool {
    guard case .boolean(let value)? = json["tie_word_embeddings"] ?? text["tie_word_embeddings"] else {
      return !isGIT
    }
    return value
  }

  private func encoder(_ isGIT: Bool) throws -> CheckpointConfiguration.Encoder {
    let vision = json["vision_config"] ?? .object([])
    guard try integer(vision, "num_channels", 3) == 3 else {
      throw ImportError(path, "pictures that are not red, green and blue")
    }
    return CheckpointConfiguration.Encoder(
      inputSize: try side(vision, "image_size", isGIT ? 224 : 384), patch: try side(vision, "patch_size", 16),
      width: try integer(vision, "hidden_size", 768), layers: try integer(vision, "num_hidden_layers", 12),
      heads: try integer(vision, "num_attention_heads", 12),
      feedForward: try integer(vision, "intermediate_size", 3072),
      activation: try activation(vision, isGIT ? "quick_gelu" : "gelu"),
      epsilon: try number(vision, "layer_norm_eps", 1e-5), normsFirst: isGIT)
  }

  private func preprocessing(_ encoder: CheckpointConfiguration.Encoder) throws -> PictureProcessing {
    let name = "preprocessor_config.json"
    let whole = try source.json("processor_config.json")
    let file = source.folder.appendingPathComponent(name).path
    guard let json = try source.json(name) ?? whole?["image_processor"] else {
      throw ImportError(file, "no such file")
    }
    func refuse(_ reason: String) -> ImportError { ImportError(file, reason) }
    func isOn(_ key: String, _ usual: Bool) -> Bool {
      if case .boolean(let value)? = json[key] { value } else { usual }
    }
    guard isOn("do_resize", true), isOn("do_normalize", true), isOn("do_rescale", true) else {
      throw refuse("pictures that are not resized, rescaled and normalized")
    }
    if let factor = Self.number(json["rescale_factor"]), abs(factor * 255 - 1) > 1e-3 {
      throw refuse("a rescale_factor other than 1/255")
    }
    let resampling: Resampling
    switch json["resample"] {
    case .integer(1)?: resampling = .lanczos
    case .integer(2)?: resampling = .bilinear
    case .integer(3)?, nil, .null?: resampling = .bicubic
    default: throw refuse("a way to resample that is not known; Lanczos, bilinear and bicubic are")
    }
    let side = encoder.inputSize
    let (fit, shortest) = try fit(json, side, isOn("do_center_crop", false), refuse)
    func channels(_ key: String, _ usual: [Float]) throws -> [Float] {
      guard case .array(let values)? = json[key] else { return usual }
      let numbers = values.compactMap { Self.number($0).map(Float.init) }
      guard numbers.count == 3, values.count == 3 else { throw refuse("\(key) is not three numbers") }
      return numbers
    }
    return PictureProcessing(
      fit: fit, shortest: shortest, resampling: resampling,
      mean: try channels("image_mean", [0.481_454_66, 0.457_827_5, 0.408_210_73]),
      deviation: try channels("image_std", [0.268_629_54, 0.261_302_58, 0.275_777_11]))
  }

  private func fit(
    _ json: JSON, _ side: Int, _ crops: Bool, _ refuse: (String) -> ImportError
  ) throws -> (PictureProcessing.Fit, Int) {
    func pixels(_ value: JSON?) -> [Int]? {
      switch value {
      case .integer(let side)?: [side, side]
      case .object?:
        if case .integer(let height)? = value?["height"], case .integer(let width)? = value?["width"] {
          [height, width]
        } else {
          nil
        }
      default: nil
      }
    }
    let wrong = refuse("pictures of another size than the network's \(side) pixels")
    let shortest: Int? =
      switch json["size"] {
      case .integer(let shorter)? where crops: shorter
      case .object?:
        if case .integer(let shorter)? = json["size"]?["shortest_edge"] { shorter } else { nil }
      default: nil
      }
    if let shortest {
      guard crops, pixels(json["crop_size"]) ?? [side, side] == [side, side], shortest >= side else {
        throw wrong
      }
      return (.crop, shortest)
    }
    guard pixels(json["size"]) ?? [side, side] == [side, side] else { throw wrong }
    return (.stretch, side)
  }

  private func activation(_ json: JSON, _ usual: String) throws -> FeedActivation {
    let name = json["hidden_act"]?.string ?? usual
    guard let known = FeedActivation(rawValue: name) else {
      throw ImportError(path, "the activation \(name); known are gelu and quick_gelu")
    }
    return known
  }

  /// A side that may be given twice.
  private func side(_ json: JSON, _ key: String, _ usual: Int) throws -> Int {
    guard case .array(let sides)? = json[key] else { return try integer(json, key, usual) }
    guard case .integer(let side)? = sides.first,
      sides.allSatisfy({ if case .integer(side) = $0 { true } else { false } })
    else { throw ImportError(path, "\(key): not a square") }
    return side
  }

  private func integer(_ json: JSON, _ key: String, _ usual: Int) throws -> Int {
    switch json[key] {
    case nil, .null?: return usual
    case .integer(let value)?: return value
    default: throw ImportError(path, "\(key) is no whole number")
    }
  }

  private func number(_ json: JSON, _ key: String, _ usual: Double) throws -> Float {
    switch json[key] {
    case nil, .null?: return Float(usual)
    case let value?:
      guard let number = Self.number(value) else { throw ImportError(path, "\(key) is no number") }
      return Float(number)
    }
  }

  private static func number(_ json: JSON?) -> Double? {
    switch json {
    case .integer(let value)?: Double(value)
    case .number(let value)?: value
    default: nil
    }
  }
}
