import Compute
import Foundation
import TestSupport
import Testing

private let status = (name: "proc/self/status", text: "Name:\tnarrate\nCpus_allowed:\t00,0000ffff\n")

@Test func affinityCounts() throws {
  let folder = try TemporaryFolder()
  try folder.write(status.text, status.name)
  #expect(availableCores(root: folder.path) == 16)
}

@Test(arguments: [("250000 100000", 3), ("200000 100000", 2), ("1000 100000", 1), ("max 100000", 16)])
func unifiedGroupsLimit(limit: String, cores: Int) throws {
  let folder = try TemporaryFolder()
  try folder.write(status.text, status.name)
  try folder.write("0::/a/b\n", "proc/self/cgroup")
  try folder.write("max 100000\n", "sys/fs/cgroup/a/b/cpu.max")
  try folder.write(limit + "\n", "sys/fs/cgroup/a/cpu.max")
  #expect(availableCores(root: folder.path) == cores)
}

@Test(arguments: ["cpu,cpuacct", "cpu"])
func legacyGroupsLimit(controllers: String) throws {
  let folder = try TemporaryFolder()
  try folder.write(status.text, status.name)
  try folder.write("9:memory:/\n4:\(controllers):/docker/1f\n0::/\n", "proc/self/cgroup")
  // A container sees its own group as the root.
  try folder.write("150000\n", "sys/fs/cgroup/\(controllers)/cpu.cfs_quota_us")
  try folder.write("100000\n", "sys/fs/cgroup/\(controllers)/cpu.cfs_period_us")
  #expect(availableCores(root: folder.path) == 2)
  try folder.write("-1\n", "sys/fs/cgroup/\(controllers)/cpu.cfs_quota_us")
  #expect(availableCores(root: folder.path) == 16)
}

@Test func thisMachineHasCores() {
  #expect((1...ProcessInfo.processInfo.processorCount).contains(availableCores()))
  #expect(availableCores(root: "/nowhere") >= 1)
}
