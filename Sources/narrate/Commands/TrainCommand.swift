import ArgumentParser
import Reports

/// `narrate train`.
struct TrainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train", abstract: "Train a model on data of your own.",
    subcommands: [
      TrainCaptionCommand.self, TrainEncoderCommand.self, TrainLabelCommand.self, TrainShotsCommand.self,
      TrainAverageCommand.self,
    ])
}
