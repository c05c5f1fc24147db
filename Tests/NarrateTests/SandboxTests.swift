import Foundation
import Glibc
import Media
import TestSupport
import Testing

/// Decoding in confined processes: the same pictures and frames, and whatever happens there is one file that fails.
@Suite struct SandboxTests {
  private let folder = try! TemporaryFolder()

  private func sandbox(_ limits: DecodingSandbox.Limits = .init()) throws -> DecodingSandbox {
    try DecodingSandbox(program: Program.path.string, limits: limits)
  }

  private static let assets = URL(fileURLWithPath: SummarizeProgram.models).deletingLastPathComponent()
    .appendingPathComponent("assets")
  private var dog: String { Self.assets.appendingPathComponent("dog.jpg").path }

  private static let fixtures = Self.assets.deletingLastPathComponent()
    .appendingPathComponent("Tests/MediaTests/Fixtures")

  static let stills = [
    "cmyk.jpg", "gamma.png", "stills/tiled.tif", "stills/moving.webp", "stills/turned.avif",
    "stills/plain.heic",
    "stills/preview.dng", "stills/plain.jp2", "stills/plain.psd", "stills/swapped.jpg", "still.gif",
    "still.webp",
  ]

  @Test func picturesAreTheSame() throws {
    let sandbox = try sandbox()
    for name in Self.stills {
      let path = Self.fixtures.appendingPathComponent(name).path
      #expect(try Picture(contentsOf: path, in: sandbox) == Picture(contentsOf: path, in: nil), "\(name)")
      let options = DecodeOptions(coveringSide: 16, ignoresOrientation: true)
      #expect(
        try Picture(contentsOf: path, options: options, in: sandbox)
          == Picture(contentsOf: path, options: options, in: nil), "\(name)")
    }
    // One for JPEG and PNG, another for all else.
    #expect(sandbox.idleProcesses.count == 2)
  }

  @Test(arguments: ["video-vfr.mp4", "video-rotated.mp4", "video-wide-pixels.mp4"])
  func videosAreTheSame(name: String) throws {
    let path = Self.fixtures.appendingPathComponent(name).path
    let sandbox = try sandbox()
    for options in [VideoOptions(), VideoOptions(coveringSide: 20)] {
      let video = try VideoFile(contentsOf: path, options: options, in: sandbox)
      let other = try VideoFile(contentsOf: path, options: options, in: nil)
      #expect(video.width == other.width && video.height == other.height && video.end == other.end)
      #expect(video.duration == other.duration && video.streamDuration == other.streamDuration)
      #expect(video.frameLength == other.frameLength && video.mayJump == other.mayJump)
      while let time = try other.advance() {
        #expect(try video.advance() == time)
        #expect(try video.image() == other.image())
        #expect(video.currentEnd == other.currentEnd && video.lastEnd == other.lastEnd)
        #expect(video.skip(to: time + 2) == other.skip(to: time + 2))
      }
      #expect(try video.advance() == nil)
      #expect(video.shareRead == other.shareRead && video.damagedFrames == other.damagedFrames)
    }
  }

  @Test func failuresAreTheSame() throws {
    let sandbox = try sandbox()
    let whole = try Data(contentsOf: URL(fileURLWithPath: dog))
    let files = [
      try folder.write(whole.prefix(300), "cut.jpg").path, try folder.write([], "empty").path,
      try folder.write("a text", "a.txt").path, folder.path("none"), folder.path,
      try folder.write("%PDF-1.7", "a.pdf").path,
    ]
    for path in files {
      let error = try #require(throws: MediaError.self) { try Picture(contentsOf: path, in: nil) }
      #expect(throws: error) { try Picture(contentsOf: path, in: sandbox) }
    }
    let half = try folder.write(whole.prefix(whole.count * 3 / 4), "half.jpg").path
    let options = DecodeOptions(acceptsDamage: true)
    #expect(try Picture(contentsOf: half, options: options, in: sandbox).isDamaged)
    #expect(throws: MediaError.self) { try VideoFile(contentsOf: half, in: sandbox).image() }
  }

  /// By what the kernel says of the process; that it can open nothing it has found out itself before it takes a file.
  @Test func processesAreConfined() throws {
    let sandbox = try sandbox()
    for process in sandbox.idleProcesses {
      let lines = try String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8).split(
        separator: "\n")
      #expect(lines.contains("Seccomp:\t2") && lines.contains("NoNewPrivs:\t1"))
    }
    #expect(try Picture(contentsOf: dog, in: sandbox).width > 0)
  }

  @Test func memoryIsBounded() throws {
    var limits = DecodingSandbox.Limits()
    limits.memory = 24 << 20
    let sandbox = try sandbox(limits)
    let before = sandbox.idleProcesses
    let side = 4000
    let large = Image(width: side, height: side, pixels: [UInt8](repeating: 9, count: side * side * 3))
    let path = try folder.write(large.pngData(), "large.png").path
    let error = #expect(throws: MediaError.self) { try Picture(contentsOf: path, in: sandbox) }
    #expect(error?.path == path)
    // The next file is decoded all the same.
    let small = Self.assets.appendingPathComponent("coffee.jpg").path
    let options = DecodeOptions(coveringSide: 64)
    #expect(
      try Picture(contentsOf: small, options: options, in: sandbox)
        == Picture(contentsOf: small, options: options, in: nil))
    #expect(sandbox.idleProcesses.count == before.count)
  }

  @Test func aCrashIsOneFileThatFails() throws {
    let sandbox = try sandbox()
    let process = try #require(sandbox.idleProcesses.first)
    // It ends at whatever comes first.
    kill(process, SIGSTOP)
    let killer = Thread {
      usleep(300_000)
      kill(process, SIGSEGV)
      kill(process, SIGCONT)
    }
    killer.start()
    let error = #expect(throws: MediaError.self) { try Picture(contentsOf: dog, in: sandbox) }
    #expect(error?.kind == .undecodable && error?.reason.contains("signal 11") == true)
    #expect(try Picture(contentsOf: dog, in: sandbox) == Picture(contentsOf: dog, in: nil))
    // One that ended while nobody used it costs no file.
    for process in sandbox.idleProcesses { kill(process, SIGKILL) }
    usleep(100_000)
    #expect(try Picture(contentsOf: dog, in: sandbox) == Picture(contentsOf: dog, in: nil))
  }

  @Test func whatTakesTooLongIsOneFileThatFails() throws {
    var limits = DecodingSandbox.Limits()
    limits.seconds = 2
    let sandbox = try sandbox(limits)
    let process = try #require(sandbox.idleProcesses.first)
    kill(process, SIGSTOP)
    #expect(
      throws: MediaError.unreadable(path: dog, reason: "its decoder took more than 2 s")
    ) { try Picture(contentsOf: dog, in: sandbox) }
    #expect(kill(process, 0) != 0)
    #expect(try Picture(contentsOf: dog, in: sandbox).width > 0)
  }

  @Test func processesAreReplacedAfterSomeFiles() throws {
    var limits = DecodingSandbox.Limits()
    limits.files = 2
    let sandbox = try sandbox(limits)
    var seen: Set<pid_t> = Set(sandbox.idleProcesses)
    for _ in 0..<4 {
      _ = try Picture(contentsOf: dog, in: sandbox)
      seen.formUnion(sandbox.idleProcesses)
    }
    #expect(seen.count == 2)
  }

  /// Answers of a process that was taken over: sizes that are not, texts that end elsewhere, times without end.
  @Test(
    arguments: [
      [], [7], [1], [1, -1, 4], [1, 4, 1 << 40, 4, 4, 0], [1, 30_000, 30_000, 4, 4, 0], [1, 4, 4, 0, 4, 0],
      [0, 3, 0], [0, -1], [0, 1 << 62], [1, .max, .max, 1, 1, 1],
    ] as [[Int]])
  func nonsenseIsOneFileThatFails(answer: [Int]) throws {
    func octal(_ numbers: [Int]) -> String {
      numbers.flatMap { number in (0..<8).map { number >> ($0 * 8) & 0xFF } }.map {
        "\\" + String($0 + 512, radix: 8).suffix(3)
      }.joined()
    }
    let said = answer.isEmpty ? "xyz" : octal(answer)
    let script = """
      #!/bin/sh
      printf '\(octal([0]))' >&3
      dd bs=8192 count=1 <&3 >/dev/null 2>&1
      printf '\(said)' >&3
      sleep 20

      """
    let program = try folder.write(script, "worker").path
    chmod(program, 0o700)
    let sandbox = try started(program)
    #expect(
      throws: MediaError.undecodable(path: dog, reason: "its decoder says what makes no sense")
    ) { try Picture(contentsOf: dog, in: sandbox) }
  }

  /// A program that was just written may be held open by another that starts at the same moment.
  private func started(_ program: String) throws -> DecodingSandbox {
    for _ in 0..<100 {
      let made = Result { try DecodingSandbox(program: program) }
      if case .failure(let error as SandboxError) = made, error.reason == "Text file busy" {
        usleep(50_000)
      } else {
        return try made.get()
      }
    }
    return try DecodingSandbox(program: program)
  }

  @Test func whatIsNoWorkerIsTold() throws {
    #expect(throws: SandboxError.self) { try DecodingSandbox(program: "/bin/true") }
    #expect(throws: SandboxError.self) {
      try DecodingSandbox(program: folder.path("none"))
    }
  }

  @Test func commandsSayTheSame() async throws {
    let video = Self.fixtures.appendingPathComponent("video-vfr.mp4").path
    for line in ["caption \(dog) \(video) none.jpg", "caption - < \(dog)"] {
      let plain = try await shell("$narrate \(line)", in: folder)
      let confined = try await shell("$narrate \(line) --sandbox", in: folder)
      #expect(confined == plain)
    }
  }
}
