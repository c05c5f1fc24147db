import Glibc
import Media
import TestSupport
import Testing

@Suite struct PlacedCutTests {
  private func frames(_ times: [Double]) -> [KeyFrame] { times.map { KeyFrame(time: $0) } }

  private func placed(_ wanted: [Double], _ times: [Double]) -> [Double] {
    PlacedCut.nearest(to: wanted, among: frames(times)).map(\.keyFrame.time)
  }

  @Test func cutsAreAtTheNearestKeyFrames() {
    #expect(placed([2.4, 7.6], [0, 2, 4, 6, 8]) == [2, 8])
    // The beginning is no cut, and neither is what lies nearest to it.
    #expect(placed([0.5, 3], [0, 2, 4]) == [2])
    #expect(placed([], [0, 2]).isEmpty && placed([1], []).isEmpty && placed([9], [0]).isEmpty)
    #expect(placed([100], [0, 2, 4]) == [4])
  }

  @Test func ofTwoThatWantOneKeyFrameTheCloserHasIt() {
    let cuts = PlacedCut.nearest(to: [3.5, 4.1, 4.4], among: frames([0, 4, 8]))
    #expect(cuts.map(\.wanted) == [4.1] && abs(cuts[0].offset + 0.1) < 1e-9)
  }

  @Test func whatLosesNothingIsPreferred() {
    let frames = [
      KeyFrame(time: 0), KeyFrame(time: 2, isClosed: false), KeyFrame(time: 4), KeyFrame(time: 6),
    ]
    #expect(PlacedCut.nearest(to: [2.1], among: frames).map(\.keyFrame.time) == [4])
    // Where there are no others, it is taken.
    #expect(PlacedCut.nearest(to: [2.1], among: Array(frames.prefix(2))).map(\.keyFrame.time) == [2])
  }
}

@Suite struct VideoSplitterTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// Two frames a second, each a key frame.
  private func write(_ milliseconds: [Int]) throws -> String {
    let frames = try milliseconds.enumerated().map { index, time in
      let pixels = [UInt8](repeating: UInt8(4 * index), count: 16 * 16 * 3)
      return (milliseconds: time, jpeg: try Image(width: 16, height: 16, pixels: pixels).jpegData())
    }
    return try folder.write(ivf(frames, width: 16, height: 16), "stream.ivf").path
  }

  private func split(_ path: String, at wanted: [Double]) throws -> [String] {
    let splitter = try VideoSplitter(contentsOf: path)
    let cuts = PlacedCut.nearest(to: wanted, among: try splitter.keyFrames())
    let paths = (0...cuts.count).map { folder.path("piece-\($0).\(splitter.suffix)") }
    var open: [Int: CInt] = [:]
    let lost = try splitter.split(
      at: cuts,
      open: { number in
        let descriptor = Glibc.open(paths[number], O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        open[number] = descriptor
        return descriptor
      }, close: { number in if let descriptor = open.removeValue(forKey: number) { close(descriptor) } })
    #expect(lost == 0 && open.isEmpty)
    return paths
  }

  private func frames(_ path: String) throws -> [(time: Double, gray: Int)] {
    let stream = try FrameStream(contentsOf: path)
    var frames: [(time: Double, gray: Int)] = []
    while let time = try stream.next() { frames.append((time, Int(try stream.image().pixels[0]))) }
    return frames
  }

  @Test func piecesHaveAllFramesAndBeginAtZero() throws {
    let path = try write((0..<12).map { $0 * 500 })
    let pieces = try split(path, at: [1.4, 4.1]).map(frames)
    #expect(pieces.map(\.count) == [3, 5, 4] && pieces.allSatisfy { abs($0[0].time) < 1e-9 })
    for (index, frame) in pieces.joined().enumerated() { #expect(abs(frame.gray - 4 * index) <= 2) }
    #expect(abs(pieces[1][1].time - 0.5) < 2e-3)
  }

  @Test func whatCannotBeCutSaysSo() throws {
    let path = try write([0, 500, 1000, 0, 500])
    #expect(throws: MediaError.self) { try VideoSplitter(contentsOf: path).keyFrames() }
    let text = try folder.write("no video at all, but some text", "a.mp4").path
    #expect(throws: MediaError.self) { try VideoSplitter(contentsOf: text) }
    // Nowhere to write to.
    let whole = try write([0, 500])
    let splitter = try VideoSplitter(contentsOf: whole)
    #expect(throws: (any Error).self) { try splitter.split(at: [], open: { _ in -1 }, close: { _ in }) }
  }
}
