import Datasets
import Files
import Foundation
import Training

/// COCO's captions and results, Karpathy's splits, JSON Lines, settings of training, a training's log.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafeRawPointer?, _ count: Int) -> CInt {
  let bytes = Bytes(start: start, count: count)
  let file = write(bytes, "captions.json")
  _ = attempt { try CaptionDataset(references: file) }
  _ = attempt { try CaptionCandidates(contentsOf: file) }
  _ = attempt { try CaptionSettings(json: Data(bytes), path: "settings").printed }
  _ = attempt { try ActionSettings(json: Data(bytes), path: "settings").printed }
  _ = attempt { try ShotSettings(json: Data(bytes), path: "settings").printed }
  _ = attempt { try EncoderSettings(json: Data(bytes), path: "settings").printed }
  if let entries = attempt({ try MetricsLog(file.path).entries() }) {
    _ = LearningCurve(entries, title: "log").areas
  }
  _ = attempt { try JSONDecoder().decode(JSON.self, from: Data(bytes)).text }
  return 0
}
