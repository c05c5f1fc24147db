import ArgumentParser
import Files
import Foundation
import Models
import SystemPackage

/// `narrate import`.
struct ImportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "import",
    abstract: "Make a model folder of a public checkpoint of type git or blip.",
    discussion: """
      Takes a folder as Hugging Face lays it out: config.json, model.safetensors or its shards with their index, \
      preprocessor_config.json, and tokenizer.json or vocab.txt. The folder that is written is taken by every command that \
      captions, with --model; weights stand in it in half precision.

      Nothing is downloaded: get the checkpoint with the hub's own command, such as \
      hf download microsoft/git-base-coco --local-dir git-base-coco, which needs the network once.
      """)

  @Argument(help: ArgumentHelp("The checkpoint's folder.", valueName: "dir"), completion: .directory)
  var checkpoint: String

  @Option(
    name: .shortAndLong, help: ArgumentHelp("The model folder to write.", valueName: "dir"),
    completion: .directory)
  var output: String

  @Flag(help: "Replace a model that the output folder has.")
  var force = false

  func run() throws {
    Interruption.install()
    let console = Console(.none)
    try RunStatus.exit(reportingTo: console) {
      let source = URL(fileURLWithPath: checkpoint, isDirectory: true)
      let folder = URL(fileURLWithPath: output, isDirectory: true)
      guard source.resolvingSymlinksInPath().path != folder.resolvingSymlinksInPath().path else {
        throw ValidationError("--output \(output) is the checkpoint's folder.")
      }
      if !force,
        FileManager.default.fileExists(atPath: ModelFolder(folder).file(ModelFolder.configurationName).path)
      {
        throw ValidationError("\(output) has a model; --force replaces it.")
      }
      let checkpoint = try CheckpointImport(from: source)
      let card = ImportedCard(source, checkpoint.configuration)
      try Interruption.check()
      try checkpoint.write(to: folder, card: card.text)
      return .success
    }
  }
}
