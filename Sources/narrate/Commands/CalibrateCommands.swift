import ArgumentParser
import Reports

/// `narrate calibrate`.
struct CalibrateCommands: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "calibrate",
    abstract: "Fit what a captioning model needs beside its weights.",
    discussion:
      "After training: first tags, if the encoder was trained, then reranker, precision, and confidence. An imported model takes "
      + "precision and confidence.",
    subcommands: [
      CalibrateCommand.self, CalibrateConfidenceCommand.self, CalibrateRerankerCommand.self,
      CalibrateTagsCommand.self,
    ],
    defaultSubcommand: CalibrateCommand.self)
}
