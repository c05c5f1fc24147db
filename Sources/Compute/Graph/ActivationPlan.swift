/// Places buffers with known lifetimes in one block, so that two share bytes only if they never live at the same time.
struct ActivationPlan {
  private struct Entry {
    let id: Int
    let byteCount: Int
    let life: ClosedRange<Int>
    var offset: Int
  }
  private var entries: [Entry] = []
  /// Size of the block.
  private(set) var byteCount = 0

  /// First fit above what lives at the same time; offsets are multiples of 64.
  mutating func add(_ id: Int, byteCount: Int, from start: Int, through end: Int) {
    let size = (byteCount + 63) & ~63
    let neighbors = entries.filter { $0.life.overlaps(start...end) }.sorted { $0.offset < $1.offset }
    var offset = 0
    for other in neighbors where offset + size > other.offset {
      offset = max(offset, other.offset + other.byteCount)
    }
    entries.append(Entry(id: id, byteCount: size, life: start...end, offset: offset))
    self.byteCount = max(self.byteCount, offset + size)
  }

  /// - Precondition: `id` was added.
  func offset(_ id: Int) -> Int {
    guard let entry = entries.first(where: { $0.id == id }) else { preconditionFailure("no buffer \(id)") }
    return entry.offset
  }
}
