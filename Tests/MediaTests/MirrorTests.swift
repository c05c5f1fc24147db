import Media
import Testing

@Suite struct MirrorTests {
  @Test func leftAndRightChangePlaces() {
    let image = Image(width: 3, height: 2, pixels: (0..<18).map { UInt8($0) })
    #expect(image.mirrored.pixels == [6, 7, 8, 3, 4, 5, 0, 1, 2, 15, 16, 17, 12, 13, 14, 9, 10, 11])
    #expect(image.mirrored.mirrored == image)
  }
}
