import Models
import Testing

@Suite struct EfficientNetLiteTests {
  /// Numbers of the published networks: blocks, and parameters of the convolutions with batch norm folded in.
  @Test(arguments: [
    (EfficientNetLite.Variant.lite0, 16, 7), (.lite1, 21, 8), (.lite2, 21, 9), (.lite3, 24, 9),
    (.lite4, 30, 10),
  ])
  func sizes(variant: EfficientNetLite.Variant, blocks: Int, grid: Int) {
    let network = EfficientNetLite(variant)
    #expect(network.blocks.count == blocks)
    #expect(network.gridSide == grid)
    #expect(network.blocks.first?.inputs == 32)
    for (block, next) in zip(network.blocks, network.blocks.dropFirst()) {
      #expect(block.outputs == next.inputs)
    }
  }

  @Test func lite2Widths() {
    let widths = EfficientNetLite(.lite2).blocks.map(\.outputs)
    #expect(
      widths == [16] + [24, 24, 24] + [48, 48, 48] + Array(repeating: 88, count: 4)
        + Array(repeating: 120, count: 4) + Array(repeating: 208, count: 5) + [352])
  }
}
