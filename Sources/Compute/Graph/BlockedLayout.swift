import CDNNL

/// A layout of activations in which eight neighboring channels of a pixel always lie side by side:
/// [channels / width] + extent + [width]. These are what oneDNN's convolutions like best.
struct BlockedLayout {
  /// Channels that lie side by side.
  enum Kind: CaseIterable {
    case eight
    case sixteen
    case all

    /// That of a value of [1, channels] + extent, if it is one of these.
    init?(of layout: narrate_md, channels: Int, extent: [Int], _ engine: Engine) throws(ComputeError) {
      for kind in Self.allCases {
        let memory = try Memory(
          shape: [1, channels] + extent, tag: kind.tag(axes: extent.count), at: nil, engine)
        if dnnl_memory_desc_equal(memory.layout, layout) != 0 {
          self = kind
          return
        }
      }
      return nil
    }

    /// Channels of a block; nil if there is but one.
    var width: Int? {
      switch self {
      case .eight: 8
      case .sixteen: 16
      case .all: nil
      }
    }

    func tag(axes: Int) -> dnnl_format_tag_t {
      switch self {
      case .eight: axes == 3 ? dnnl_nCdhw8c : dnnl_nChw8c
      case .sixteen: axes == 3 ? dnnl_nCdhw16c : dnnl_nChw16c
      case .all: axes == 3 ? dnnl_ndhwc : dnnl_nhwc
      }
    }
  }

  let tag: dnnl_format_tag_t
  /// Channels that lie side by side, which is also the distance from pixel to pixel.
  let width: Int
  private let pixels: Int

  /// - Parameter extent: [frames, height, width] or [height, width]
  init(_ kind: Kind, channels: Int, extent: [Int]) {
    tag = kind.tag(axes: extent.count)
    width = kind.width ?? channels
    pixels = extent.reduce(1, *)
  }

  /// Floats before the channels from `8 * block` on of a pixel.
  func offset(block: Int, pixel: Int) -> Int {
    8 * block / width * pixels * width + pixel * width + 8 * block % width
  }
}
