import Datasets
import Language

/// Tables: captions of pictures or clips, frames of clips, labels, things and their words, document frequencies. The parts of an
/// input are the files of one folder.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafeRawPointer?, _ count: Int) -> CInt {
  let parts = parts(Bytes(start: start, count: count))
  write(parts[0], "captions.tsv")
  write(parts[0], "labels.tsv")
  write(parts.count > 1 ? parts[1] : [], "frames.tsv")
  if let set = attempt({ try CaptionDataset(at: scratch) }) {
    for split in set.splits { _ = attempt { try set.examples(in: split) } }
  }
  _ = attempt { try ActionDataset(at: scratch) }
  _ = attempt { try ObjectWords(contentsOf: scratch.appendingPathComponent("captions.tsv").path) }
  _ = attempt { try DocumentFrequencies(decoding: parts[0], path: "table").encoded }
  return 0
}
