import CKernels
import Compute
import Media
import Networks

/// `InflatedInception`, ready to run: from a window of frames to features for each eighth of them. One for each worker.
package final class ClipEncoder: WindowEncoder {
  private let chain: ConvolutionChain
  private let worker: ChainWorker
  /// Positions of the result's grid.
  private let positions: Int

  /// Compiles the network and packs its weights, which stand in the file under `encoder`, batch norm folded in.
  package convenience init(weights file: SafetensorsFile, _ engine: Engine) throws {
    let chain = ConvolutionChain(engine)
    func unit(_ source: ConvolutionChain.Value, _ unit: InflatedInception.Unit) throws
      -> ConvolutionChain.Value
    {
      try chain.convolution(
        source, weight: file.lazy("encoder.\(unit.name).weight", shape: unit.weightShape),
        bias: file.lazy("encoder.\(unit.name).bias", shape: [unit.outputs]),
        stride: [unit.stride, unit.stride, unit.stride], activation: .relu)
    }
    let side = InflatedInception.inputSize
    var value = try chain.input(channels: 3, extent: [InflatedInception.frames, side, side])
    for stage in InflatedInception.stages {
      switch stage {
      case .unit(let first): value = try unit(value, first)
      case .pool(let kernel, let stride): value = try chain.maximum(value, kernel: kernel, stride: stride)
      case .module(let branches):
        let results = try branches.enumerated().map { number, branch in
          let start =
            number == 3 ? try chain.maximum(value, kernel: [3, 3, 3], stride: [1, 1, 1]) : value
          return try branch.reduce(start, unit)
        }
        value = try chain.concatenation(results)
      }
    }
    precondition(value.channels == InflatedInception.channels && value.extent[0] == InflatedInception.steps)
    try chain.finish(value)
    try self.init(chain, positions: value.extent[1] * value.extent[2])
  }

  private init(_ chain: ConvolutionChain, positions: Int) throws {
    (self.chain, self.positions) = (chain, positions)
    worker = try ChainWorker(chain)
  }

  package func copy() throws -> ClipEncoder { try ClipEncoder(chain, positions: positions) }

  /// A frame as the network sees it: the shorter side shrunk or stretched to 256 pixels, and 224 × 224 out of the middle.
  package func sample(_ image: Image) -> Image {
    let (side, shorter) = (InflatedInception.inputSize, InflatedInception.shorterSide)
    // The middle square first: a picture may be a thousand times as wide as it is high.
    return image.middle(width: min(image.width, image.height), height: min(image.width, image.height))
      .resized(width: shorter, height: shorter).middle(width: side, height: side)
  }

  package func isStill(_ samples: [Image]) -> Bool { Stillness.holds(samples) }

  /// Encodes a window.
  /// - Parameters:
  ///   - samples: 64, in order of time, 1/25 s apart
  ///   - features: [8, 1024], the mean over the grid of each step
  package func encode(_ samples: [Image], into features: UnsafeMutablePointer<Float>) {
    let (channels, pixels) = (
      InflatedInception.channels, InflatedInception.inputSize * InflatedInception.inputSize
    )
    precondition(samples.count == InflatedInception.frames)
    let (input, output) = (worker.input, worker.output)
    for (number, sample) in samples.enumerated() {
      // Planes: [3, frames, height, width].
      narrate_normalize_rgb(
        sample.pixels, input + number * pixels, pixels, samples.count * pixels, 127.5, 1 / 127.5)
    }
    worker.run()
    for step in 0..<InflatedInception.steps {
      average(
        output + step * positions * channels, rows: positions, columns: channels,
        into: features + step * channels)
    }
  }

  /// What oneDNN chose for each operation.
  package var implementations: [String] { chain.implementations }
}
