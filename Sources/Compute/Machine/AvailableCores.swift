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

/// The tightest CPU limit of the control groups that the process is in, version 1 and 2, and of the groups
/// around them; nil if there is none.
private func coresByControlGroups(root: String) -> Int? {
  guard let memberships = lines(root + "/proc/self/cgroup") else { return nil }
  var limits: [Int] = []
  for line in memberships {
    // "0::/user.slice" (version 2) or "4:cpu,cpuacct:/docker/1f" (version 1).
    let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
    guard fields.count == 3 else { continue }
    let isUnified = fields[0] == "0" && fields[1].isEmpty
    guard isUnified || fields[1].split(separator: ",").contains("cpu") else { continue }
    let mounts = isUnified ? ["", "/unified"] : ["/\(fields[1])", "/cpu"]
    for mount in mounts {
      for group in groupAndParents(String(fields[2])) {
        let folder = root + "/sys/fs/cgroup" + mount + group
        let limit = isUnified ? unifiedLimit(folder) : legacyLimit(folder)
        if let limit { limits.append(limit) }
      }
    }
  }
  return limits.min()
}

/// "/a/b" → "/a/b", "/a", "". In a container the path is often the host's and only its root can be seen.
private func groupAndParents(_ path: String) -> [String] {
  let parts = path.split(separator: "/")
  return (0...parts.count).reversed().map { parts.prefix($0).map { "/" + $0 }.joined() }
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

private func lines(_ path: String) -> [Substring]? {
  guard let data = FileManager.default.contents(atPath: path) else { return nil }
  return String(decoding: data, as: UTF8.self).split(separator: "\n")
}
