import Foundation

/// How many cores this process may use: its affinity (`taskset`, cpusets), and the CPU time that its control
/// groups allow (containers), rounded up to whole cores. At least 1.
/// - Parameter root: where `/proc` and `/sys` are.
package func availableCores(root: String = "") -> Int {
  let allowed = coresByAffinity(root: root) ?? ProcessInfo.processInfo.activeProcessorCount
  return max(1, min(allowed, coresByControlGroups(root: root) ?? allowed))
}

/// Cores in the affinity mask, which the kernel prints as "Cpus_allowed: 3,ffffffff"; nil if it does not say.
private func coresByAffinity(root: String) -> Int? {
  let title = "Cpus_allowed:"
  guard let line = lines(root + "/proc/self/status")?.first(where: { $0.hasPrefix(title) }) else {
    return nil
  }
  let count = line.dropFirst(title.count).reduce(0) { $0 + ($1.hexDigitValue?.nonzeroBitCount ?? 0) }
  return count > 0 ? count : nil
}

/// The tightest CPU limit of the control groups that the process is in; nil if there is none.
private func coresByControlGroups(root: String) -> Int? {
  controlGroups("cpu", root: root).compactMap { group in
    group.isUnified ? unifiedLimit(group.folder) : legacyLimit(group.folder)
  }.min()
}

/// `cpu.max` holds "QUOTA PERIOD" in microseconds, or "max PERIOD".
private func unifiedLimit(_ folder: String) -> Int? {
  guard let fields = lines(folder + "/cpu.max")?.first?.split(separator: " "), fields.count == 2 else {
    return nil
  }
  return cores(quota: Int(fields[0]), period: Int(fields[1]))
}

private func legacyLimit(_ folder: String) -> Int? {
  cores(
    quota: lines(folder + "/cpu.cfs_quota_us")?.first.flatMap { Int($0) },
    period: lines(folder + "/cpu.cfs_period_us")?.first.flatMap { Int($0) })
}

private func cores(quota: Int?, period: Int?) -> Int? {
  guard let quota, let period, quota > 0, period > 0 else { return nil }
  return max(1, (quota - 1) / period + 1)
}
