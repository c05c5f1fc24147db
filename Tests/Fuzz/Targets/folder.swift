import Foundation
import Models
import Narration
import Networks
import Tensors

/// A model folder, of each kind. The parts of an input are `config.json`, the lists of words and labels, the weights, and the files
/// of calibration. Where weights say `@configuration@@`, the digest of the configuration is put, and for `@@@weights@@@@@@` that of
/// the weights, or nothing would go further than that.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafeRawPointer?, _ count: Int) -> CInt {
  var parts = parts(Bytes(start: start, count: count))
  while parts.count < 7 { parts.append([]) }
  let configuration = XXHash64.hexadecimal(Data(parts[0]))
  let weights = replaced("@configuration@@", in: parts[2], by: configuration)
  write(parts[0], "config.json")
  for name in ["vocabulary.txt", "labels.txt", "tags.txt"] { write(parts[1], name) }
  let file = write(weights, "model.safetensors")
  let digest = (attempt { try SafetensorsFile(path: file.path) })?.contentDigest ?? ""
  for (part, name) in [
    (3, "reranker.safetensors"), (4, "confidence.json"), (5, "confidence.safetensors"), (6, "precision.json"),
  ] { write(replaced("@@@weights@@@@@@", in: parts[part], by: digest), name) }
  _ = ModelCard(folder: scratch).problem
  _ = attempt { try ShotModel(contentsOf: scratch) }
  if let model = attempt({ try ActionModel(contentsOf: scratch) }) { _ = attempt { try model.head() } }
  guard let model = attempt({ try CaptionModel(contentsOf: scratch) }) else { return 0 }
  _ = attempt { try model.decoder() }
  _ = attempt { try CaptionDecoder(model.configuration.decoder, from: model.weights) }
  _ = attempt { try model.foundWords() }
  _ = attempt { try PrecisionFile.read(of: .trained(model), in: scratch) }
  let reranker = attempt { try CaptionReranker.read(of: model, in: scratch).content }
  _ = attempt { try ConfidenceFile.read(of: .trained(model), in: scratch, reranker: reranker ?? nil) }
  return 0
}

private func replaced(_ mark: String, in bytes: [UInt8], by text: String) -> [UInt8] {
  let (mark, text) = (Array(mark.utf8), Array(text.utf8))
  guard let range = bytes.firstRange(of: mark) else { return bytes }
  return Array(bytes[..<range.lowerBound]) + text + bytes[range.upperBound...]
}
