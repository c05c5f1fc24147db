import Datasets
import Media
import Models
import Narration

extension CaptionDataset.Example {
  /// The picture, or the clip's frames, as a model looks at them.
  func images(for model: CaptionModel) throws -> [Image] {
    let side = model.configuration.encoder.inputSize
    if isVideo {
      let frames = model.configuration.decoder.frameKnots ?? 1
      return try evenFrames(of: files[0], count: frames, coveringSide: side)
    }
    return try files.map {
      try Picture(contentsOf: $0, options: DecodeOptions(coveringSide: side)).image
    }
  }
}
