import Files
import Foundation

/// `precision.json` of a captioning model: what calculating in fewer bits needs and costs, as `narrate calibrate` found.
package struct PrecisionFile: Codable, Equatable, Sendable {
  /// Version of the file's format: 2. In 1, the decoder of captioners that this package trained was not in bytes.
  package var format = 2
  /// The digest of the weights that it is about.
  package let weights: String
  /// The magnitude to which each linear layer's outputs are kept, by the layer's name; empty for an imported model.
  package let ranges: [String: Float]
  /// CIDEr-D of the validation captions in each precision that was tried, the mean over the data sets.
  package let cider: [Precision: Double]
  /// That of each data set, by its name; nil in older files.
  package let ciderBySource: [String: [Precision: Double]]?

  package init(
    weights: String, ranges: [String: Float], cider: [Precision: Double],
    ciderBySource: [String: [Precision: Double]]? = nil
  ) {
    (self.weights, self.ranges) = (weights, ranges)
    (self.cider, self.ciderBySource) = (cider, ciderBySource)
  }

  /// - Parameter scores: CIDEr-D of each data set, by its name; the same precisions of each
  package init(weights: String, ranges: [String: Float], scores: [String: [Precision: Double]]) {
    var cider: [Precision: Double] = [:]
    for (precision, score) in scores.values.joined() {
      cider[precision, default: 0] += score / Double(scores.count)
    }
    self.init(weights: weights, ranges: ranges, cider: cider, ciderBySource: scores)
  }

  package static let fileName = "precision.json"

  /// Reads and verifies a model's file.
  init(of model: CaptioningModel, in folder: URL) throws(ModelError) {
    switch try Self.read(of: model, in: folder) {
    case .current(let read): self = read
    case .skipped(let file):
      throw file.damaged("of other weights or of an earlier version; narrate calibrate makes it anew")
    case .absent: throw .missing(path: ModelFolder(folder).file(Self.fileName).path, reason: Self.unreadable)
    }
  }

  private static let unreadable = "cannot be read; narrate calibrate makes it"

  /// Reads and verifies a model's file, if it has one that is about its weights.
  package static func read(
    of model: CaptioningModel, in folder: URL
  ) throws(ModelError) -> CalibrationFile<PrecisionFile> {
    let file = ModelFolder(folder).file(Self.fileName)
    guard file.exists else { return .absent }
    let bytes = try file.bytes(orElse: unreadable)
    guard let read = try? JSONDecoder().decode(Self.self, from: bytes), (1...2).contains(read.format) else {
      throw file.damaged("not what narrate calibrate writes")
    }
    guard read.weights == model.weightsDigest, read.format == 2 else { return .skipped(file) }
    guard Set(model.rangedLayers) == Set(read.ranges.keys),
      read.ranges.values.allSatisfy({ $0.isNormal && $0 > 0 })
    else {
      throw file.damaged("its ranges are not those of this model's layers")
    }
    return .current(read)
  }

  /// The fastest precision of this CPU that costs no more than `Precision.tolerance`.
  var fastest: EncoderPrecision {
    func serves(_ precision: Precision) -> Bool {
      guard precision.isSupported, let single = cider[.f32], let score = cider[precision] else {
        return false
      }
      return score >= single - Precision.tolerance
    }
    if serves(.int8) { return .int8(ranges: ranges) }
    return serves(.bf16) ? .bf16 : .f32
  }

  /// A line a precision: the mean, and each data set's where there are several.
  package var text: String {
    let sources = (ciderBySource ?? [:]).sorted { $0.key < $1.key }
    return Precision.allCases.compactMap { precision in
      cider[precision].map { mean in
        var line = String(format: "%@  CIDEr-D %.4f", precision.rawValue, mean)
        for (name, scores) in sources where sources.count > 1 {
          line += String(format: "  %@ %.4f", name, scores[precision] ?? 0)
        }
        return line + "\n"
      }
    }.joined()
  }

  /// The file's bytes.
  package func encoded() throws -> Data { try JSON.encoded(self, .indented) }
}
