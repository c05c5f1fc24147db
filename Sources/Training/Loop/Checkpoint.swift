import Datasets
import Foundation
import Models
import Narration
import Networks

/// Where the run is.
struct TrainingPlace: Codable, Equatable {
  /// Epochs finished.
  var epoch = 0
  /// Of a captioner's training, and the epochs that were finished when it began.
  var stage = TrainingStage.decoder
  var stageBegan = 0
  /// Whether the encoder is no longer the one that training began with.
  var hasFineTuned = false
  /// Batches of the current epoch done.
  var batch = 0
  /// Updates made in the stage.
  var step = 0
  /// Sums of the current epoch so far.
  var crossEntropy = 0.0
  var words = 0
  var reward = 0.0
  var captions = 0
  var seconds = 0.0
  /// The best validation score so far, and its epoch (counted from 1).
  var bestScore: Double?
  var bestEpoch = 0

  /// Nothing of an epoch is done.
  mutating func beginEpoch() {
    (batch, crossEntropy, words, reward, captions, seconds) = (0, 0, 0, 0, 0, 0)
  }
}

/// All that a training run needs to go on as if it had never stopped: weights, the optimizer's state and the place in
/// the data. Random numbers follow from seed, epoch and batch, so the place is their state too.
struct Checkpoint<Network: Learned> {
  var place: TrainingPlace
  var network: Network
  var optimizer: AdamW<Network>

  static var fileName: String { "checkpoint.safetensors" }

  /// Writes the checkpoint whole or not at all.
  /// - Parameter digest: names the data and the settings; a checkpoint resumes only with the same.
  func write(to folder: URL, digest: String) throws {
    let place = String(decoding: try JSONEncoder().encode(place), as: UTF8.self)
    var writer = SafetensorsWriter(metadata: ["format": "1", "place": place, "run": digest])
    writer.add("network", network, half: false)
    writer.add("mean", optimizer.mean, half: false)
    writer.add("variance", optimizer.variance, half: false)
    writer.add("average", optimizer.average, half: false)
    try writer.write(to: folder.appendingPathComponent(Self.fileName).path)
  }

  /// Where the run of a folder's checkpoint is, nil if there is none.
  static func place(in folder: URL, digest: String) throws -> TrainingPlace? {
    try open(folder, digest)?.place
  }

  private static func open(
    _ folder: URL, _ digest: String
  ) throws -> (file: SafetensorsFile, place: TrainingPlace)? {
    let path = folder.appendingPathComponent(Self.fileName).path
    guard FileManager.default.fileExists(atPath: path) else { return nil }
    let file = try SafetensorsFile(path: path)
    guard file.metadata["format"] == "1", let text = file.metadata["place"],
      let place = try? JSONDecoder().decode(TrainingPlace.self, from: Data(text.utf8))
    else { throw DataError(.damaged, path: path, reason: "not a checkpoint of this program") }
    guard file.metadata["run"] == digest else {
      throw DataError(
        .damaged, path: path, reason: "a checkpoint of other data or settings, or of another version")
    }
    return (file, place)
  }

  /// Reads the checkpoint of a folder, nil if there is none.
  /// - Parameter blank: a network of the right sizes.
  init?(in folder: URL, digest: String, blank: Network, settings: AdamW<Network>.Settings)
    throws
  {
    guard let (file, place) = try Self.open(folder, digest) else { return nil }
    func read(_ prefix: String) throws -> Network {
      var network = blank
      try network.load(prefix, from: file)
      return network
    }
    self.place = place
    network = try read("network")
    optimizer = AdamW(
      step: place.step, mean: try read("mean"), variance: try read("variance"),
      average: try read("average"),
      settings: settings)
  }

  init(place: TrainingPlace, network: Network, optimizer: AdamW<Network>) {
    (self.place, self.network, self.optimizer) = (place, network, optimizer)
  }
}
