import CKernels
import Tensors

/// What Winograd's algorithm does, cut into parts that can run at the same time.
///
/// The tiles of 4 × 4 are cut into groups, the panels of 16 outputs into shares. A part takes one group of tiles through
/// all frames: transforms it, and then for each panel of its share multiplies and transforms back. So the taps
/// along the frames are shifts within what is transformed already, and a panel's products stay in the cache.
struct WinogradWork: Sendable {
  private static let (lanes, panel, positions) = (
    Int(NARRATE_WINOGRAD_LANES), Int(NARRATE_WINOGRAD_PANEL), Int(NARRATE_WINOGRAD_POSITIONS)
  )
  /// Rows of a product, measured: with fewer, reading the weights takes too long; with more, the products leave the cache.
  private static let rows = 128

  /// Where a convolution stands.
  struct Buffers: @unchecked Sendable {  // parts write ranges of their own
    let source: UnsafePointer<Float>
    let destination: UnsafeMutablePointer<Float>
    let scratch: UnsafeMutableRawPointer
  }

  private let frames: Int
  private let (height, width): (Int, Int)
  private let tiles: Int
  private let (inputs, outputs, taps): (Int, Int, Int)
  private let (source, destination): (BlockedLayout, BlockedLayout)
  private let (groups, shares): (Int, Int)
  private let (least, greatest): (Float, Float)
  /// [panels, positions, taps, inputs, 16], zero beyond the last output.
  private let weights: Buffer
  /// [panels, 16]
  private let bias: Buffer

  /// Whether there are channels and tiles enough.
  static func suits(outputs: Int, inputs: Int, extent: [Int]) -> Bool {
    let frames = extent.count == 3 ? extent[0] : 1
    return outputs % lanes == 0 && inputs % lanes == 0 && inputs >= 2 * lanes
      && 2 * frames * tileCount(extent) >= rows
  }

  private static func tileCount(_ extent: [Int]) -> Int {
    extent.suffix(2).reduce(1) { $0 * (($1 + 3) / 4) }
  }

  /// - Parameters:
  ///   - weight: [outputs, inputs, taps, 3, 3], or [outputs, inputs, 3, 3]
  ///   - bias: [outputs]
  ///   - extent: [frames, height, width] or [height, width]
  ///   - workers: how many parts will run at the same time
  init(
    weight: LazyTensor, bias: LazyTensor, activation: Activation, extent: [Int], source: BlockedLayout,
    destination: BlockedLayout, workers: Int
  ) {
    (outputs, inputs) = (weight.shape[0], weight.shape[1])
    taps = weight.shape.count == 5 ? weight.shape[2] : 1
    frames = extent.count == 3 ? extent[0] : 1
    (height, width) = (extent[extent.count - 2], extent[extent.count - 1])
    tiles = Self.tileCount(extent)
    (self.source, self.destination) = (source, destination)
    (least, greatest) =
      switch activation {
      case .none: (-.infinity, .infinity)
      case .relu: (0, .infinity)
      case .relu6: (0, 6)
      }
    let panels = (outputs + Self.panel - 1) / Self.panel
    // A multiple of the workers, if that can be; and two parts for each, as they may not be equally fast.
    let wanted = (tiles * frames + Self.rows - 1) / Self.rows
    groups = min(tiles, (wanted + workers - 1) / workers * workers)
    shares = workers == 1 ? 1 : min(panels, (2 * workers + groups - 1) / groups)
    let step = taps * inputs * Self.panel  // from one position to the next
    weights = Buffer(byteCount: panels * Self.positions * step * MemoryLayout<Float>.stride)
    self.bias = Buffer(byteCount: panels * Self.panel * MemoryLayout<Float>.stride)
    let (address, outputs, inputs, taps) = (self.bias.address, outputs, inputs, taps)
    bias.withValues { address.copyMemory(from: $0, byteCount: outputs * MemoryLayout<Float>.stride) }
    let points = weights.address.assumingMemoryBound(to: Float.self)
    weight.withValues { values in
      for panel in 0..<panels {
        let first = panel * Self.panel
        for tap in 0..<taps {
          for input in 0..<inputs {
            narrate_winograd_weights(
              values + ((first * inputs + input) * taps + tap) * 9, min(Self.panel, outputs - first),
              inputs * taps * 9, points + panel * Self.positions * step + (tap * inputs + input) * Self.panel,
              step)
          }
        }
      }
    }
  }

  /// How many there are; they may run in any order and at the same time, each worker one after the other.
  var parts: Int { groups * shares }

  /// Tiles of the largest group.
  private var groupSize: Int { (tiles + groups - 1) / groups }
  /// Floats from one block of channels to the next. An odd number of cache lines, or all blocks fell into the same sets.
  private var blockStep: Int { ((frames + taps - 1) * groupSize * Self.lanes + 15) / 16 * 16 | 16 }
  private var positionStep: Int { inputs / Self.lanes * blockStep }
  private var pointCount: Int { Self.positions * positionStep }

  /// Bytes for one worker: the transformed tiles and one panel's products.
  var scratchByteCount: Int {
    let products = frames * groupSize * Self.positions * Self.panel
    return ((pointCount + products) * MemoryLayout<Float>.stride + 63) & ~63
  }

  /// Runs a part on the calling thread.
  func run(_ part: Int, _ buffers: Buffers, worker: Int) {
    let (group, share) = (part / shares, part % shares)
    let first = group * tiles / groups
    let count = (group + 1) * tiles / groups - first
    let panels = (outputs + Self.panel - 1) / Self.panel
    let points = (buffers.scratch + worker * scratchByteCount).assumingMemoryBound(to: Float.self)
    let products = points + pointCount
    transform(buffers.source, first, count, into: points)
    var product = narrate_winograd_product(
      rows: frames * count, taps: taps, blocks: inputs / Self.lanes, position_step: positionStep,
      block_step: blockStep, tap_step: count * Self.lanes)
    let panelSize = Self.positions * taps * inputs * Self.panel
    let weights = UnsafePointer(weights.address.assumingMemoryBound(to: Float.self))
    for panel in share * panels / shares..<(share + 1) * panels / shares {
      narrate_winograd_multiply(&product, points, weights + panel * panelSize, products)
      finish(products, panel, first, count, into: buffers.destination)
    }
  }

  /// `points`: [positions, inputs / 8, frames and those that lie outside, count, 8], with gaps.
  private func transform(
    _ from: UnsafePointer<Float>, _ first: Int, _ count: Int, into points: UnsafeMutablePointer<Float>
  ) {
    var plane = narrate_winograd_plane(height: height, width: width, pixel: source.width)
    for block in 0..<inputs / Self.lanes {
      for slot in 0..<frames + taps - 1 {
        let frame = slot - taps / 2
        let start =
          0..<frames ~= frame ? from + source.offset(block: block, pixel: frame * height * width) : nil
        narrate_winograd_input(
          &plane, start, first, count, points + block * blockStep + slot * count * Self.lanes, positionStep)
      }
    }
  }

  /// `products`: [frames, count, positions, 16]
  private func finish(
    _ products: UnsafePointer<Float>, _ panel: Int, _ first: Int, _ count: Int,
    into: UnsafeMutablePointer<Float>
  ) {
    var plane = narrate_winograd_plane(height: height, width: width, pixel: destination.width)
    let bias = UnsafePointer(bias.address.assumingMemoryBound(to: Float.self))
    let channels = panel * Self.panel..<min(outputs, (panel + 1) * Self.panel)
    for channel in stride(from: channels.lowerBound, to: channels.upperBound, by: Self.lanes) {
      for frame in 0..<frames {
        narrate_winograd_output(
          &plane, products + frame * count * Self.positions * Self.panel + channel % Self.panel,
          bias + channel, least, greatest, first, count,
          into + destination.offset(block: channel / Self.lanes, pixel: frame * height * width))
      }
    }
  }
}
