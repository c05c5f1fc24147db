import Compute
import Models

/// Less memory than a model needs at the least.
struct MemoryShortage: Error, CustomStringConvertible {
  let model: String
  /// Bytes.
  let needed, limit: Int

  var description: String {
    "\(model): takes \(needed >> 20) MiB of memory or more; this control group is limited to \(limit >> 20) MiB"
  }

  /// What a run takes at the least, in bytes: measured of the models of this repository, without what is read from files and could
  /// be given up.
  private static func least(_ kind: ModelKind) -> Int {
    switch kind {
    case .caption: 80 << 20
    case .label: 250 << 20
    case .shots: 32 << 20
    case .translation: 16 << 20
    case .other: 0
    }
  }

  /// Who takes more than a control group allows is killed without a word: this says it before.
  static func check(_ kind: ModelKind, model: String, limit: Int? = memoryLimit()) throws(MemoryShortage) {
    let needed = least(kind)
    if let limit, limit < needed { throw MemoryShortage(model: model, needed: needed, limit: limit) }
  }
}
