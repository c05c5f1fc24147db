import Foundation
import Media
import Narration

/// Times the stages of captioning, one picture at a time.
struct Benchmark {
  /// Medians over all pictures and rounds, in milliseconds, but for what says otherwise.
  struct Report {
    var threads = 0
    var pictures = 0
    var rounds = 0
    /// Read, decode, resize.
    var picture = 0.0
    var encoder = 0.0
    /// The decoder and its beam.
    var decoder = 0.0
    var total = 0.0
    /// From the start of the process to the first caption, in seconds.
    var firstCaption = 0.0
    /// The most memory that the process held, in megabytes.
    var peakMemory = 0.0

    var json: JSON {
      .object([
        ("threads", .integer(threads)), ("pictures", .integer(pictures)), ("rounds", .integer(rounds)),
        ("picture_milliseconds", .rounded(picture, places: 3)),
        ("encoder_milliseconds", .rounded(encoder, places: 3)),
        ("decoder_milliseconds", .rounded(decoder, places: 3)),
        ("total_milliseconds", .rounded(total, places: 3)),
        ("first_caption_seconds", .rounded(firstCaption, places: 3)),
        ("peak_memory_megabytes", .rounded(peakMemory, places: 1)),
      ])
    }

    var text: String {
      func line(_ name: String, _ value: Double, _ unit: String) -> String {
        name.padding(toLength: 24, withPad: " ", startingAt: 0) + String(format: "%8.2f %@", value, unit)
      }
      return [
        "\(pictures) pictures, \(rounds) rounds, \(threads) threads: medians",
        line("read, decode, resize", picture, "ms"), line("encoder", encoder, "ms"),
        line("decoder", decoder, "ms"),
        line("picture to caption", total, "ms"), line("first caption", firstCaption, "s from process start"),
        line("peak memory", peakMemory, "MB"),
      ].joined(separator: "\n")
    }
  }

  private let captioner: Captioner
  private let threads: Int
  private let options: CaptionOptions

  init(model: URL, threads: Int, options: CaptionOptions) throws {
    captioner = try Captioner(model: model, threads: threads)
    (self.threads, self.options) = (threads, options)
  }

  func run(_ paths: [String], rounds: Int) throws -> Report {
    var (pictures, encoders, decoders, totals) = ([Double](), [Double](), [Double](), [Double]())
    var report = Report()
    (report.threads, report.pictures, report.rounds) = (threads, paths.count, rounds)
    let clock = ContinuousClock()
    let side = captioner.inputSize
    for round in 0...rounds {
      for path in paths {
        try Interruption.check()
        let start = clock.now
        let options = DecodeOptions(coveringSide: side)
        let square = try Picture(contentsOf: path, options: options).image.resized(width: side, height: side)
        let decoded = clock.now
        let features = captioner.features(of: square)
        let encoded = clock.now
        _ = try captioner.captions(features, options: self.options)
        let end = clock.now
        if round == 0 {
          if report.firstCaption == 0 { report.firstCaption = Self.secondsSinceStart }
          continue
        }
        pictures.append((decoded - start) / .milliseconds(1))
        encoders.append((encoded - decoded) / .milliseconds(1))
        decoders.append((end - encoded) / .milliseconds(1))
        totals.append((end - start) / .milliseconds(1))
      }
    }
    (report.picture, report.encoder) = (Self.median(pictures), Self.median(encoders))
    (report.decoder, report.total) = (Self.median(decoders), Self.median(totals))
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    report.peakMemory = Double(usage.ru_maxrss) / 1000
    return report
  }

  private static func median(_ values: [Double]) -> Double {
    let sorted = values.sorted()
    return sorted.isEmpty ? 0 : sorted[sorted.count / 2]
  }

  /// Seconds since the kernel started this process (`proc(5)`, field 22 of stat, in clock ticks since boot).
  private static var secondsSinceStart: Double {
    guard let stat = try? String(contentsOfFile: "/proc/self/stat", encoding: .utf8),
      let fields = stat.split(separator: ")").last?.split(separator: " "), fields.count > 19,
      let ticks = Double(fields[19])
    else { return .nan }
    var now = timespec()
    clock_gettime(CLOCK_BOOTTIME, &now)
    return Double(now.tv_sec) + Double(now.tv_nsec) * 1e-9 - ticks / Double(sysconf(Int32(_SC_CLK_TCK)))
  }
}
