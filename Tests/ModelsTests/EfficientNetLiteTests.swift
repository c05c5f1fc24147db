import Models
import Testing

@Suite struct EfficientNetLiteTests {
  /// Numbers of the published networks: blocks, cells across the grid, and all learned values, those of the classifier too.
  @Test(arguments: [
    (EfficientNetLite.Variant.lite0, 16, 7, 4_652_008), (.lite1, 21, 8, 5_416_680),
    (.lite2, 21, 9, 6_092_072), (.lite3, 24, 9, 8_197_096), (.lite4, 30, 10, 13_006_568),
  ])
  func sizes(variant: EfficientNetLite.Variant, blocks: Int, grid: Int, parameters: Int) {
    let network = EfficientNetLite(variant)
    #expect(network.blocks.count == blocks)
    #expect(network.gridSide == grid)
    // There batch norm has a factor and a bias for each channel, here only the bias is left of it.
    let convolutions = network.layers.reduce(0) { $0 + $1.weightShape.reduce(1, *) + 2 * $1.weightShape[0] }
    #expect(convolutions + 1000 * (EfficientNetLite.channels + 1) == parameters)
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
