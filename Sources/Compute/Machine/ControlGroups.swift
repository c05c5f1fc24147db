import Foundation

/// The folders of the control groups that the process is in, version 1 and 2, and of the groups around them.
/// - Parameters:
///   - controller: what they limit: `cpu`, `memory`
///   - root: where `/proc` and `/sys` are
func controlGroups(_ controller: String, root: String) -> [(folder: String, isUnified: Bool)] {
  (lines(root + "/proc/self/cgroup") ?? []).flatMap { line -> [(folder: String, isUnified: Bool)] in
    // "0::/user.slice" (version 2) or "4:cpu,cpuacct:/docker/1f" (version 1).
    let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
    guard fields.count == 3 else { return [] }
    let isUnified = fields[0] == "0" && fields[1].isEmpty
    guard isUnified || fields[1].split(separator: ",").contains(Substring(controller)) else { return [] }
    let mounts = isUnified ? ["", "/unified"] : ["/\(fields[1])", "/\(controller)"]
    return mounts.flatMap { mount in
      groupAndParents(String(fields[2])).map { (root + "/sys/fs/cgroup" + mount + $0, isUnified) }
    }
  }
}

/// "/a/b" → "/a/b", "/a", "". In a container the path is often the host's and only its root can be seen.
private func groupAndParents(_ path: String) -> [String] {
  let parts = path.split(separator: "/")
  return (0...parts.count).reversed().map { parts.prefix($0).map { "/" + $0 }.joined() }
}

/// The lines of a small file; nil where there is none.
func lines(_ path: String) -> [Substring]? {
  guard let data = FileManager.default.contents(atPath: path) else { return nil }
  return String(decoding: data, as: UTF8.self).split(separator: "\n")
}
