import Datasets
import Media
import Models
import Narration

extension CaptionDataset.Example {
  /// The picture, or the clip's frames, as a model looks at them.
  func images(for model: CaptionModel) throws -> [Image] {
    try images(
      side: model.configuration.encoder.inputSize,
      framesPerVideo: model.configuration.decoder.frameKnots ?? 1)
  }

  /// The same as a captioner looks at them.
  func images(for captioner: CaptionEngine) throws -> [Image] {
    try images(side: captioner.decodingSide, framesPerVideo: captioner.framesPerClip)
  }

  /// The picture, or the clip's frames.
  /// - Parameters:
  ///   - side: that they are to cover, in pixels
  ///   - framesPerVideo: evenly over it
  func images(side: Int, framesPerVideo: Int) throws -> [Image] {
    if isVideo { return try evenFrames(of: files[0], count: framesPerVideo, coveringSide: side) }
    return try files.map {
      try Picture(contentsOf: $0, options: DecodeOptions(coveringSide: side)).image
    }
  }
}
