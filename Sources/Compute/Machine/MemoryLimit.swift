/// The memory that the control groups of this process allow (containers), in bytes; nil where they do not limit it. Who takes more is
/// killed, not refused.
/// - Parameter root: where `/proc` and `/sys` are.
package func memoryLimit(root: String = "") -> Int? {
  // Version 1 says of no limit that it is some 2^63; 2 says "max".
  controlGroups("memory", root: root).compactMap { group in
    let name = group.isUnified ? "memory.max" : "memory.limit_in_bytes"
    return lines(group.folder + "/" + name)?.first.flatMap { Int($0) }
  }.filter { $0 < 1 << 50 }.min()
}
