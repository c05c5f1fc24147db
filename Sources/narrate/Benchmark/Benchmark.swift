import Compute
import Files
import Foundation
import Media
import Models
import Narration
import Reports

/// Times the stages of captioning, one picture at a time, and all pictures side by side.
struct Benchmark {
  private let model: URL
  private let captioner: CaptionEngine
  private let threads: Int
  private let beams: [Int]

  init(model: URL, threads: Int, precision: Precision, beams: [Int]) throws {
    captioner = try CaptionEngine(model: model, threads: threads, precision: precision)
    (self.model, self.threads, self.beams) = (model, threads, beams)
  }

  func run(_ paths: [String], rounds: Int) throws -> BenchmarkReport {
    var report = BenchmarkReport()
    (report.threads, report.pictures, report.rounds) = (threads, paths.count, rounds)
    report.precision = captioner.precision
    let decoderWork = try oneByOne(paths, rounds, &report)
    // The memory of captioning, before that of measuring the machine.
    report.peakMemory = Self.peakMemory
    report.picturesPerSecond = try sideBySide(paths, rounds)
    let peak = MachinePeak(threads: threads)
    (report.gigaflops, report.gigabytesPerSecond) = (
      peak.operationsPerSecond / 1e9, peak.bytesPerSecond / 1e9
    )
    func stage(_ name: String, _ work: WorkCount, _ milliseconds: Double) -> BenchmarkReport.Stage {
      BenchmarkReport.Stage(
        name: name, work: work, milliseconds: milliseconds,
        computing: 1000 * Double(work.operations) / peak.operationsPerSecond,
        reading: 1000 * Double(work.bytes) / peak.bytesPerSecond)
    }
    report.roofline = [stage("encoder", captioner.encoderWork, report.encoder)]
    if let beam = beams.last {
      report.roofline.append(
        stage("decoder and choice, beam \(beam)", decoderWork, report.decoder[beam] ?? 0))
    }
    return report
  }

  /// - Returns: the decoder's work with the last beam, the median over the same pictures as its time.
  private func oneByOne(
    _ paths: [String], _ rounds: Int, _ report: inout BenchmarkReport
  ) throws -> WorkCount {
    var works: [WorkCount] = []
    var (decode, resize, encode) = (Times(), Times(), Times())
    var (decoders, totals) = ([Int: Times](), [Int: Times]())
    let decoding = DecodeOptions(coveringSide: captioner.decodingSide)
    for round in 0...rounds {
      for path in paths {
        try Interruption.check()
        let start = ContinuousClock.now
        let picture = try Picture(contentsOf: path, options: decoding)
        let decoded = ContinuousClock.now
        let square = captioner.square(picture.image)
        let resized = ContinuousClock.now
        let features = captioner.features(ofSquare: square)
        let encoded = ContinuousClock.now
        for beam in beams {
          let before = ContinuousClock.now
          var options = CaptionOptions()
          options.beamWidth = beam
          _ = try captioner.captions(features, options: options)
          let time = ContinuousClock.now - before
          if round == 0, report.firstCaption == 0 { report.firstCaption = Self.secondsSinceStart }
          guard round > 0 else { continue }
          decoders[beam, default: Times()].add(time)
          totals[beam, default: Times()].add(time + (encoded - start))
        }
        guard round > 0 else { continue }
        decode.add(decoded - start)
        works.append(captioner.decoderWork)
        resize.add(resized - decoded)
        encode.add(encoded - resized)
      }
    }
    (report.decode, report.resize, report.encoder) = (decode.median, resize.median, encode.median)
    report.decoder = decoders.mapValues(\.median)
    report.total = totals.mapValues(\.median)
    return WorkCount(medianOf: works)
  }

  /// Pictures a second, the best round; beam 3.
  private func sideBySide(_ paths: [String], _ rounds: Int) throws -> Double {
    let inputs = paths.map { Input(GivenPath(argument: $0)) }
    var settings = PictureDescriber.Settings()
    settings.precision = captioner.precision
    let pool = try PictureDescriber.pool(model: model, threads: threads, inputs: inputs, settings)
    let batches = CaptionJob.batches(inputs, workers: pool.count)
    var best = Duration.seconds(1e9)
    for _ in 0...rounds {
      let start = ContinuousClock.now
      try parallelStream(
        batches, by: pool, check: { try Interruption.check() }, work: { try $0.describe($1) },
        receive: { _, _ in })
      best = min(best, ContinuousClock.now - start)
    }
    return Double(paths.count) / (best / .seconds(1))
  }

  private struct Times {
    private var milliseconds: [Double] = []
    mutating func add(_ time: Duration) { milliseconds.append(time / .milliseconds(1)) }
    var median: Double {
      let sorted = milliseconds.sorted()
      return sorted.isEmpty ? 0 : sorted[sorted.count / 2]
    }
  }

  private static var peakMemory: Double {
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    return Double(usage.ru_maxrss) / 1000
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
