import Foundation
import Media
import Testing

/// The path of a file of `Fixtures`.
func fixture(_ name: String) -> String {
  Bundle.module.resourceURL!.appendingPathComponent("Fixtures/\(name)").path
}

func fixtureBytes(_ name: String) throws -> [UInt8] {
  try [UInt8](Data(contentsOf: URL(fileURLWithPath: fixture(name))))
}

/// The pixels that a fixture must give: `Fixtures/NAME.ppm`, a binary PPM.
func golden(_ name: String) throws -> Image {
  let bytes = try fixtureBytes(name + ".ppm")
  let lines = bytes.split(separator: 10, maxSplits: 3, omittingEmptySubsequences: false)
  let size = String(decoding: lines[1], as: UTF8.self).split(separator: " ").compactMap { Int($0) }
  return Image(width: size[0], height: size[1], pixels: Array(lines[3]))
}

/// Expects two images of the same size, no level of which is further apart than `tolerance`.
func expectClose(
  _ image: Image, _ wanted: Image, tolerance: Int, _ name: String = "",
  sourceLocation: SourceLocation = #_sourceLocation
) {
  guard image.width == wanted.width, image.height == wanted.height else {
    Issue.record(
      "\(name): \(image.width)×\(image.height), not \(wanted.width)×\(wanted.height)",
      sourceLocation: sourceLocation)
    return
  }
  let distances = zip(image.pixels, wanted.pixels).map { abs(Int($0) - Int($1)) }
  let worst = distances.indices.max { distances[$0] < distances[$1] }!
  #expect(
    distances[worst] <= tolerance,
    "\(name): byte \(worst) is \(image.pixels[worst]), not \(wanted.pixels[worst])",
    sourceLocation: sourceLocation)
}

/// The error that decoding gives; records an issue and returns `nil` where it gives none.
func failure(
  of bytes: [UInt8], options: DecodeOptions = .init(), sourceLocation: SourceLocation = #_sourceLocation
) -> MediaError? {
  #expect(throws: MediaError.self, sourceLocation: sourceLocation) {
    try Picture(bytes: bytes, path: "some file", options: options)
  }
}

/// As `failure(of:)`, of the file at `path`.
func failure(
  at path: String, options: DecodeOptions = .init(), sourceLocation: SourceLocation = #_sourceLocation
) -> MediaError? {
  #expect(throws: MediaError.self, sourceLocation: sourceLocation) {
    try Picture(contentsOf: path, options: options)
  }
}

/// A folder that is gone after `body`.
func withTemporaryFolder(_ body: (String) throws -> Void) throws {
  let folder = FileManager.default.temporaryDirectory.appendingPathComponent("media-\(UUID())")
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
  defer { try? FileManager.default.removeItem(at: folder) }
  try body(folder.path)
}

/// SplitMix64 (Steele et al. 2014): the same numbers for a seed, everywhere.
struct SeededNumbers: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var value = state
    value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
    value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
    return value ^ (value >> 31)
  }
}
