import Files
import Reports
import SystemPackage

/// The folder of `--attention`: one PNG an input, named after it. Nothing is replaced there but strips of earlier runs.
package struct AttentionFolder {
  private let folder: GivenPath
  /// Strips of earlier runs, which are inputs now.
  private let inputs: Set<FileIdentity>
  private var taken: Set<GivenPath> = []

  /// Makes the folder, with those above it.
  package init(_ folder: GivenPath, inputs: [GivenPath]) throws(FileError) {
    self.folder = folder
    self.inputs = Set(inputs.compactMap { FileIdentity($0.location) })
    try folder.location.makeFolder()
  }

  /// `photo.jpg` → `photo.png`; where that is taken, or is there and no strip, `photo-2.png` and so on. The same inputs in the
  /// same order get the same names.
  package mutating func location(for input: GivenPath) -> GivenPath {
    var name: FilePath = input.isStandardStream ? "stdin" : input.location
    name.extension = nil
    let stem = name.lastComponent?.bytes ?? []
    var number = 1
    while true {
      let location = folder.appending(stem + Array((number == 1 ? ".png" : "-\(number).png").utf8))
      if mayBeWritten(location.location) && taken.insert(location).inserted { return location }
      number += 1
    }
  }

  /// - Parameter strip: the bytes of a PNG file
  package mutating func write(_ strip: [UInt8], for input: GivenPath) throws {
    try WholeFile.write(StripMark.marked(strip), to: location(for: input))
  }

  /// Whether there is nothing, or a strip that is no input.
  private func mayBeWritten(_ path: FilePath) -> Bool {
    // A link that leads nowhere is somebody's too.
    guard path.kind != nil else { return true }
    guard let identity = FileIdentity(path), identity.isRegular, !inputs.contains(identity) else {
      return false
    }
    guard let file = try? FileDescriptor.open(path, .readOnly, options: .closeOnExec) else { return false }
    defer { try? file.close() }
    var start = [UInt8](repeating: 0, count: StripMark.length)
    guard let count = try? start.withUnsafeMutableBytes({ try file.read(into: $0) }) else { return false }
    return StripMark.isMarked(Array(start.prefix(count)))
  }
}
