import ArgumentParser
import Training

/// `narrate train`.
struct TrainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train", abstract: "Train a model on data of your own.",
    discussion: """
      Started by Open MPI's mpirun, its processes train together, each on its share of every batch: mpirun -n 4 narrate \
      train caption …. All must see the same data, and the output folder; a batch needs a shard for each (the setting \
      optimisation.shards). One of them shows and writes what a training alone does, with the same result. train label \
      runs alone.
      """,
    subcommands: [
      TrainCaptionCommand.self, TrainEncoderCommand.self, TrainLabelCommand.self, TrainShotsCommand.self,
      TrainTranslateCommand.self,
      TrainAverageCommand.self,
    ])
}

extension RunOptions {
  /// Does a training's work, in this process or in all that `mpirun` started, and ends the program with its status. Those that follow
  /// show nothing.
  func train(_ work: (Console, ProcessGroup) throws -> RunStatus) throws -> Never {
    Interruption.install()
    let console = Console(progress)
    try RunStatus.exit(reportingTo: console) {
      try ProcessGroup.together(check: Interruption.check) { processes in
        let console = processes.isLeader ? console : Console(.none)
        ConsoleLog.start(console, isVerbose: verbose)
        return try work(console, processes)
      } ?? .success
    }
  }
}
