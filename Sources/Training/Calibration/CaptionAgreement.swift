import Algorithms
import Language

/// The captions of each picture that agree most with its others, by CIDEr-D, in their order: crowds make typing errors
/// and voice opinions, but not twice the same ones.
/// - Parameters:
///   - captions: [pictures][captions]
///   - count: how many to keep of a picture; 0 keeps all.
package func mostAgreeing(_ captions: [[String]], count: Int) -> [[String]] {
  guard count > 0, captions.contains(where: { $0.count > count }) else { return captions }
  let agreement = CaptionScorer.agreement(captions.map { $0.map(PTBTokenizer.words) })
  return zip(captions, agreement).map { captions, agreement in
    guard captions.count > count else { return captions }
    let best = captions.indices.min(count: count) { (agreement[$0], $1) > (agreement[$1], $0) }
    return best.sorted().map { captions[$0] }
  }
}
