/// Why processes cannot train together.
package enum ProcessError: Error, CustomStringConvertible {
  /// There are others, and no way to reach them.
  case unavailable(String)
  /// A process would have nothing to do.
  case tooFewShards(Int, processes: Int)
  /// A process that has other data or settings than the first.
  case otherRun(Int)

  package var description: String {
    switch self {
    case .unavailable(let reason):
      "training in several processes needs Open MPI (Debian: openmpi-bin): \(reason)"
    case .tooFewShards(let shards, let processes):
      "a batch has \(shards) \(shards == 1 ? "shard" : "shards") for \(processes) processes; set optimisation.shards to \(processes) or a multiple"
    case .otherRun(let rank): "process \(rank): its data, settings or encoder are not those of process 0"
    }
  }
}

/// What ended another process's part.
package struct ProcessFailure: Error, CustomStringConvertible {
  package let rank: Int
  package let reason: String

  package var description: String { "process \(rank): \(reason)" }
}
