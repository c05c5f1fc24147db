import Foundation
import Models
import Networks
import Tensors

/// A weights file: its header, its tensors in every form, and what a folder's card says of it.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafeRawPointer?, _ count: Int) -> CInt {
  let file = write(Bytes(start: start, count: count), "model.safetensors")
  write(#"{"kind":"shots"}"#.utf8, "config.json")
  _ = ModelCard(folder: scratch).problem
  guard let weights = attempt({ try SafetensorsFile(path: file.path) }) else { return 0 }
  for name in weights.names {
    _ = attempt { try weights.tensor(name).values }
    _ = attempt { try weights.bytes(name) }
    if let shape = weights.shape(of: name), shape.count == 2 {
      _ = attempt { try weights.matrix(name, shape: shape) }
    }
  }
  _ = (weights.contentDigest, weights.digest(of: "encoder."))
  _ = attempt { try FoundWords.read(from: weights) }
  _ = attempt { try FeatureSpace(from: weights, channels: EfficientNetLite.channels) }
  _ = attempt { try WordExpectation(from: weights, vocabulary: 10, styles: 1) }
  return 0
}
