import Foundation
import Narration
import Networks

/// All that a training run needs to go on as if it had never stopped: weights, the optimizer's state and the place in
/// the data. Random numbers follow from seed, epoch and batch, so the place is their state too.
struct Checkpoint {
  /// Where the run is.
  struct Place: Codable, Equatable {
    /// Epochs finished.
    var epoch = 0
    /// Batches of the current epoch done.
    var batch = 0
    /// Updates made.
    var step = 0
    /// Sums of the current epoch so far.
    var crossEntropy = 0.0
    var words = 0
    var seconds = 0.0
    /// The best validation score so far, and its epoch (counted from 1).
    var bestScore: Double?
    var bestEpoch = 0
  }

  var place: Place
  var decoder: CaptionDecoder
  var optimizer: AdamW<CaptionDecoder>

  static let fileName = "checkpoint.safetensors"

  /// Writes the checkpoint whole or not at all.
  /// - Parameter digest: names the data and the settings; a checkpoint resumes only with the same.
  func write(to folder: URL, digest: String) throws {
    let place = String(decoding: try JSONEncoder().encode(place), as: UTF8.self)
    var writer = SafetensorsWriter(metadata: ["format": "1", "place": place, "run": digest])
    writer.add("decoder", decoder, half: false)
    writer.add("mean", optimizer.mean, half: false)
    writer.add("variance", optimizer.variance, half: false)
    writer.add("average", optimizer.average, half: false)
    try writer.write(to: folder.appendingPathComponent(Self.fileName).path)
  }

  /// Reads the checkpoint of a folder, nil if there is none.
  /// - Parameter blank: a decoder of the right sizes.
  init?(in folder: URL, digest: String, blank: CaptionDecoder, settings: AdamW<CaptionDecoder>.Settings)
    throws
  {
    let path = folder.appendingPathComponent(Self.fileName).path
    guard FileManager.default.fileExists(atPath: path) else { return nil }
    let file = try SafetensorsFile(path: path)
    guard file.metadata["format"] == "1", let text = file.metadata["place"],
      let place = try? JSONDecoder().decode(Place.self, from: Data(text.utf8))
    else { throw DataError(.damaged, path: path, reason: "not a checkpoint of this program") }
    guard file.metadata["run"] == digest else {
      throw DataError(.damaged, path: path, reason: "a checkpoint of other data or settings")
    }
    func network(_ prefix: String) throws -> CaptionDecoder {
      var network = blank
      try network.load(prefix, from: file)
      return network
    }
    self.place = place
    decoder = try network("decoder")
    optimizer = AdamW(
      step: place.step, mean: try network("mean"), variance: try network("variance"),
      average: try network("average"),
      settings: settings)
  }

  init(place: Place, decoder: CaptionDecoder, optimizer: AdamW<CaptionDecoder>) {
    (self.place, self.decoder, self.optimizer) = (place, decoder, optimizer)
  }
}
