import Compute
import TestSupport
import Testing

@Test(
  arguments: [
    ("0::/a/b\n", ["a/b/memory.max": "max", "a/memory.max": "300", "memory.max": "400"], 300),
    ("0::/a\n", ["memory.max": "max"], nil),
    (
      "4:memory:/x\n0::/\n",
      ["memory/x/memory.limit_in_bytes": "500", "memory/memory.limit_in_bytes": "700"], 500
    ),
    ("4:memory:/x\n", ["memory/memory.limit_in_bytes": "9223372036854771712"], nil),
    ("4:cpu:/x\n", ["memory/memory.limit_in_bytes": "1"], nil),
  ] as [(String, [String: String], Int?)])
func theTightestMemoryLimitCounts(groups: String, files: [String: String], limit: Int?) throws {
  let folder = try TemporaryFolder()
  try folder.write(groups, "proc/self/cgroup")
  for (name, text) in files { try folder.write(text + "\n", "sys/fs/cgroup/" + name) }
  #expect(memoryLimit(root: folder.path) == limit)
}
