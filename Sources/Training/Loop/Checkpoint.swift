import Datasets
import Files
import Foundation
import Models
import Narration
import Networks

/// All that a training run needs to go on as if it had never stopped: weights, the optimizer's state and the
/// progress. Random numbers follow from seed, epoch and batch, so the progress is their state too.
struct Checkpoint<Network: Learned> {
  var progress: TrainingProgress
  var network: Network
  var optimizer: AdamW<Network>

  static var fileName: String { "checkpoint.safetensors" }
  private static var progressKey: String { "place" }
  /// The first had no checksum of the metadata.
  private static var format: String { "2" }

  /// What the metadata have beside themselves, as the file's own checksum covers the tensors alone.
  private static func checksum(progress: String, run: String) -> String {
    Array("\(format)\u{0}\(run)\u{0}\(progress)".utf8).withUnsafeBytes { XXHash64.hexadecimal($0) }
  }

  /// Writes the checkpoint whole or not at all.
  /// - Parameter digest: names the data and the settings; a checkpoint resumes only with the same.
  func write(to folder: URL, digest: String) throws {
    let progress = String(decoding: try JSON.encoded(progress, .line), as: UTF8.self)
    var writer = SafetensorsWriter(metadata: [
      "format": Self.format, Self.progressKey: progress, "run": digest,
      "metadata": Self.checksum(progress: progress, run: digest),
    ])
    writer.add("network", network, half: false)
    writer.add("mean", optimizer.mean, half: false)
    writer.add("variance", optimizer.variance, half: false)
    writer.add("average", optimizer.average, half: false)
    try writer.write(to: folder.appendingPathComponent(Self.fileName).path)
  }

  /// How far the run of a folder's checkpoint is, nil if there is none.
  static func progress(in folder: URL, digest: String) throws -> TrainingProgress? {
    try open(folder, digest)?.progress
  }

  private static func open(
    _ folder: URL, _ digest: String
  ) throws -> (file: SafetensorsFile, progress: TrainingProgress)? {
    let path = folder.appendingPathComponent(Self.fileName).path
    guard FileManager.default.fileExists(atPath: path) else { return nil }
    let file = try SafetensorsFile(path: path)
    func damaged(_ reason: String) -> DataError { DataError(.damaged, path: path, reason: reason) }
    guard let format = file.metadata["format"], let text = file.metadata[progressKey],
      let run = file.metadata["run"]
    else { throw damaged("not a checkpoint of this program") }
    guard run == digest, format == Self.format else {
      throw damaged("a checkpoint of other data or settings, or of another version")
    }
    guard file.metadata["metadata"] == checksum(progress: text, run: run) else {
      throw damaged("its checksum is not that of what it says")
    }
    guard let progress = try? JSONDecoder().decode(TrainingProgress.self, from: Data(text.utf8)),
      progress.isSound
    else { throw damaged("no run can be so far as it says") }
    return (file, progress)
  }

  /// Reads the checkpoint of a folder, nil if there is none.
  /// - Parameter blank: a network of the right sizes.
  init?(in folder: URL, digest: String, blank: Network, settings: AdamW<Network>.Settings)
    throws
  {
    guard let (file, progress) = try Self.open(folder, digest) else { return nil }
    func read(_ prefix: String) throws -> Network {
      var network = blank
      try network.load(prefix, from: file)
      return network
    }
    self.progress = progress
    network = try read("network")
    optimizer = AdamW(
      step: progress.step, mean: try read("mean"), variance: try read("variance"),
      average: try read("average"),
      settings: settings)
  }

  init(progress: TrainingProgress, network: Network, optimizer: AdamW<Network>) {
    (self.progress, self.network, self.optimizer) = (progress, network, optimizer)
  }
}
