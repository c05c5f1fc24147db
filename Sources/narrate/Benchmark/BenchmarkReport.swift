import Files
import Foundation
import Models
import Narration
import Reports

/// What `narrate benchmark` measured.
struct BenchmarkReport {
  /// A stage in the roofline model: the least time that the machine needs for so many operations and so many bytes.
  struct Stage {
    let name: String
    let work: WorkCount
    /// Median, in milliseconds.
    let milliseconds: Double
    /// At the machine's best, in milliseconds.
    let computing: Double
    let reading: Double
  }

  var threads = 0
  /// The numbers that the encoder calculates in.
  var precision = Precision.f32
  var pictures = 0
  var rounds = 0
  // Medians over all pictures and rounds, in milliseconds.
  var decode = 0.0
  var resize = 0.0
  var encoder = 0.0
  /// The decoder, its beam and the choice among the beam's captions, by the beam's width.
  var decoder: [Int: Double] = [:]
  /// From file to caption, by the beam's width.
  var total: [Int: Double] = [:]
  /// All pictures as `narrate caption --recursive` does them.
  var picturesPerSecond = 0.0
  var gigaflops = 0.0
  var gigabytesPerSecond = 0.0
  var roofline: [Stage] = []
  /// From the start of the process to the first caption, in seconds.
  var firstCaption = 0.0
  /// The most memory that the process held, in megabytes.
  var peakMemory = 0.0

  var json: JSON {
    func byBeam(_ times: [Int: Double]) -> JSON {
      .object(times.sorted { $0.key < $1.key }.map { ("\($0.key)", .rounded($0.value, places: 3)) })
    }
    let stages = roofline.map { stage in
      JSON.object([
        ("stage", .string(stage.name)), ("operations", .integer(stage.work.operations)),
        ("bytes", .integer(stage.work.bytes)), ("milliseconds", .rounded(stage.milliseconds, places: 3)),
        ("compute_bound_milliseconds", .rounded(stage.computing, places: 3)),
        ("memory_bound_milliseconds", .rounded(stage.reading, places: 3)),
      ])
    }
    return .object([
      ("threads", .integer(threads)), ("precision", .string(precision.rawValue)),
      ("pictures", .integer(pictures)), ("rounds", .integer(rounds)),
      ("decode_milliseconds", .rounded(decode, places: 3)),
      ("resize_milliseconds", .rounded(resize, places: 3)),
      ("encoder_milliseconds", .rounded(encoder, places: 3)), ("decoder_milliseconds", byBeam(decoder)),
      ("total_milliseconds", byBeam(total)),
      ("folder", .object([("images_per_second", .rounded(picturesPerSecond, places: 2))])),
      (
        "machine",
        .object([
          ("gigaflops", .rounded(gigaflops, places: 1)),
          ("gigabytes_per_second", .rounded(gigabytesPerSecond, places: 1)),
        ])
      ), ("roofline", .array(stages)), ("first_caption_seconds", .rounded(firstCaption, places: 3)),
      ("peak_memory_megabytes", .rounded(peakMemory, places: 1)),
    ])
  }

  var text: String {
    func line(_ name: String, _ value: Double, _ unit: String) -> String {
      name.padding(toLength: 28, withPad: " ", startingAt: 0) + String(format: "%8.2f %@", value, unit)
    }
    var lines = ["\(pictures) pictures, \(rounds) rounds, \(threads) threads, \(precision.rawValue): medians"]
    lines += [line("read and decode", decode, "ms"), line("resize", resize, "ms")]
    lines.append(line("encoder", encoder, "ms"))
    for (beam, time) in decoder.sorted(by: { $0.key < $1.key }) {
      lines.append(line("decoder and choice, beam \(beam)", time, "ms"))
    }
    for (beam, time) in total.sorted(by: { $0.key < $1.key }) {
      lines.append(line("file to caption, beam \(beam)", time, "ms"))
    }
    lines.append(line("all pictures, side by side", picturesPerSecond, "pictures a second"))
    lines.append(line("first caption", firstCaption, "s from process start"))
    lines.append(line("peak memory", peakMemory, "MB"))
    lines.append(
      String(
        format: "this machine at its best: %.0f GFLOP/s, %.1f GB/s from memory", gigaflops, gigabytesPerSecond
      ))
    for stage in roofline {
      lines.append(
        String(
          format:
            "%@: %.2f GFLOP, %.0f MB; %.2f ms; computing alone %.2f ms, reading all from memory %.2f ms",
          stage.name, Double(stage.work.operations) / 1e9, Double(stage.work.bytes) / 1e6, stage.milliseconds,
          stage.computing, stage.reading))
    }
    return lines.joined(separator: "\n")
  }
}
