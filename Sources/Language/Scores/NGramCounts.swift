/// Counts by n-gram, in an open-addressed table: scoring looks up some 100 n-grams for each caption, and the standard
/// library's keyed hashing would be half of its time.
struct NGramCounts: Sendable {
  private struct Slot {
    /// `NGram.none` where the slot is empty.
    var gram = NGram.none
    var count: Int32 = 0
    /// The last document that counted it.
    var document: Int32 = -1
  }

  /// A power of two of them, at least a third empty.
  private var slots = [Slot](repeating: Slot(), count: 1024)
  private(set) var count = 0

  /// 0 for what was never counted.
  subscript(gram: NGram) -> Int { Int(slots[index(of: gram)].count) }

  /// Counts an n-gram, once for each document however often it occurs there.
  mutating func add(_ gram: NGram, document: Int) {
    let slot = slot(for: gram)
    guard slots[slot].document != Int32(document) else { return }
    slots[slot].document = Int32(document)
    slots[slot].count += 1
  }

  /// Sets a count.
  mutating func set(_ gram: NGram, _ count: Int) { slots[slot(for: gram)].count = Int32(count) }

  /// All that was counted, in no order.
  var entries: [(gram: NGram, count: Int)] {
    slots.lazy.filter { $0.gram != .none }.map { ($0.gram, Int($0.count)) }
  }

  private mutating func slot(for gram: NGram) -> Int {
    var slot = index(of: gram)
    if slots[slot].gram == .none {
      if count * 3 > slots.count * 2 {
        grow()
        slot = index(of: gram)
      }
      slots[slot].gram = gram
      count += 1
    }
    return slot
  }

  /// The slot that holds the n-gram, or the empty one where it belongs.
  private func index(of gram: NGram) -> Int {
    let mask = slots.count - 1
    var slot = Int(truncatingIfNeeded: gram.mixed >> 32) & mask
    while slots[slot].gram != gram && slots[slot].gram != .none { slot = (slot + 1) & mask }
    return slot
  }

  private mutating func grow() {
    let old = slots
    slots = [Slot](repeating: Slot(), count: old.count * 2)
    for entry in old where entry.gram != .none { slots[index(of: entry.gram)] = entry }
  }
}
