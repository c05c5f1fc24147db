import Foundation
import Media
import Narration
import Reports

/// What the README shows a Swift developer, on a photograph of this repository and a clip that is made here. Ends with a status
/// other than 0 if a result is not as it should be.
@main
struct Outside {
  static func main() async throws {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("outside-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let clip = folder.appendingPathComponent("clip.y4m")
    try Clip.write(to: clip)
    try await Captions(photo: root.appendingPathComponent("assets/dog.jpg"), clip: clip).check()
    try await Labels(clip: clip).check()
    try await Summaries(clip: clip, folder: folder).check()
    print("All as it should be.")
  }
}

/// Ends the program unless the condition holds.
func expect(_ condition: Bool, _ what: String, line: Int = #line, file: String = #fileID) {
  guard !condition else { return }
  print("\(file):\(line): not so: \(what)")
  exit(1)
}

/// Whether a result survives being written as JSON and read again.
func expectCoded<Value: Codable & Equatable>(_ value: Value, line: Int = #line, file: String = #fileID) throws
{
  let again = try JSONDecoder().decode(Value.self, from: JSONEncoder().encode(value))
  expect(again == value, "\(Value.self) is the same after JSON", line: line, file: file)
}

/// YUV4MPEG2: two shots of two seconds each, a light one whose stripes move and a dark one whose squares do.
enum Clip {
  static let (width, height, rate, frames) = (96, 72, 25, 100)

  static func write(to url: URL) throws {
    var bytes = Data("YUV4MPEG2 W\(width) H\(height) F\(rate):1 Ip A1:1 C420jpeg\n".utf8)
    for frame in 0..<frames {
      bytes += Data("FRAME\n".utf8)
      let isFirst = frame < frames / 2
      for y in 0..<height {
        bytes += Data(
          (0..<width).map { x in
            isFirst
              ? UInt8(150 + (x + y + frame) % 12 * 8) : UInt8(20 + ((x + 2 * frame) / 16 + y / 16) % 2 * 60)
          })
      }
      bytes += Data(repeating: isFirst ? 100 : 160, count: width * height / 4)
      bytes += Data(repeating: isFirst ? 140 : 90, count: width * height / 4)
    }
    try bytes.write(to: url)
  }
}
