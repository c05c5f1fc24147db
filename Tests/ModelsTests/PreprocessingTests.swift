import CKernels
import Compute
import Files
import Foundation
import Media
import Models
import Networks
import Tensors
import TestSupport
import Testing

@Suite struct PreprocessingTests {
  private static let network = EfficientNetLite(.lite0, inputSize: 64)

  private static func image(width: Int, height: Int) -> Image {
    var random = RandomGenerator(seed: 3)
    return Image(
      width: width, height: height,
      pixels: (0..<width * height * 3).map { _ in UInt8(truncatingIfNeeded: random.next() >> 9) })
  }

  /// Both encoders have the bits that they were trained with, which came of constants in single precision.
  @Test func theEncodersOwnNormalizationIsExact() {
    let image = Self.image(width: 16, height: 16)
    for (preprocessing, mean, scale) in [
      (EfficientNetLite.preprocessing, 127, 1 / 128), (I3D.preprocessing, 127.5, 1 / 127.5),
    ] as [(Preprocessing, Float, Float)] {
      var (found, expected) = ([Float](repeating: 0, count: 768), [Float](repeating: 0, count: 768))
      preprocessing.normalize(image, into: &found, stride: 256)
      narrate_normalize_rgb(image.pixels, &expected, 256, 256, mean, scale)
      #expect(found == expected)
    }
  }

  @Test func whatTheConfigurationSaysIsWhatTheEncoderDoes() throws {
    let folder = try TemporaryFolder()
    let path = folder.path("weights.safetensors")
    var random = Optional(RandomGenerator(seed: 8))
    var writer = SafetensorsWriter()
    writer.add("encoder", EncoderWeights(Self.network.layers, using: &random), half: true)
    try writer.write(to: path)
    let weights = try SafetensorsFile(path: path)
    func encoded(_ image: Image, _ preprocessing: Preprocessing) throws -> [Float] {
      let encoder = try GridEncoder(Self.network, weights: weights, Engine(), preprocessing: preprocessing)
      let copy = try encoder.copy()
      let grids = [encoder, copy].map { [Float]($0.encode(image)) }
      #expect(grids[0] == grids[1])
      return grids[0]
    }
    let wide = Self.image(width: 128, height: 64)
    let usual = EfficientNetLite.preprocessing
    let stretched = try encoded(wide, usual)
    #expect(stretched == (try encoded(wide.resized(width: 64, height: 64), usual)))
    let cropped = try encoded(wide, Preprocessing(resize: .crop, mean: 127, scale: 128))
    #expect(cropped == (try encoded(wide.middle(width: 64, height: 64), usual)))
    #expect(cropped != stretched)
    // Brighter by as much as the mean is higher.
    let dark = Image(width: 64, height: 64, pixels: [UInt8](repeating: 40, count: 64 * 64 * 3))
    let light = Image(width: 64, height: 64, pixels: [UInt8](repeating: 50, count: 64 * 64 * 3))
    #expect(
      try encoded(light, Preprocessing(resize: .stretch, mean: 137, scale: 128)) == encoded(dark, usual))
    #expect(try encoded(light, usual) != encoded(dark, usual))
  }

  @Test func aLabellersConfigurationIsReadWithItsPreprocessing() throws {
    let folder = try TemporaryFolder()
    func configuration(_ resize: String = "crop", mean: String = "127.5", scale: String = "127.5") throws {
      try folder.write(
        """
        {"format": 1, "kind": "label", "encoder": {"architecture": "i3d", "inputSize": 224},
         "classifier": {"labels": 2}, "framesPerWindow": 64, "windowSeconds": 2.56,
         "preprocessing": {"resize": "\(resize)", "mean": \(mean), "scale": \(scale)}}
        """, "config.json")
    }
    func failure() -> String {
      do {
        _ = try ActionModel(contentsOf: folder.url)
        return ""
      } catch { return "\(error)" }
    }
    let sound = "\(folder.path("labels.txt")): cannot be read"
    try configuration()
    #expect(failure() == sound)
    try configuration("stretch", mean: "0", scale: "255")
    #expect(failure() == sound)
    for (resize, mean, scale) in [
      ("fold", "127.5", "127.5"), ("crop", "1e99", "127.5"), ("crop", "127.5", "0"), ("crop", "127.5", "-1"),
    ] {
      try configuration(resize, mean: mean, scale: scale)
      #expect(failure() == "\(folder.path("config.json")): a configuration that this version cannot run")
    }
    try configuration(mean: "\"much\"")
    #expect(failure() == "\(folder.path("config.json")): not the configuration of a labelling model")
    for (bytes, reason) in [
      (Data([0xFF]), "not UTF-8"), (Data("a\n".utf8), "1 labels, the configuration says 2"),
      (Data("a\na\n".utf8), "a label is listed twice"),
    ] {
      try configuration()
      try folder.write(bytes, "labels.txt")
      #expect(failure() == "\(folder.path("labels.txt")): \(reason)")
    }
  }
}
