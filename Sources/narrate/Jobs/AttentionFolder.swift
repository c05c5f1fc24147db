import Files
import Reports
import SystemPackage

/// The folder of `--attention`: one PNG an input, named after it.
package struct AttentionFolder {
  private let folder: GivenPath
  /// Files that must not be written over: the inputs themselves.
  private let inputs: Set<[UInt64]>
  private var taken: Set<GivenPath> = []

  /// Makes the folder, with those above it.
  package init(_ folder: GivenPath, inputs: [GivenPath]) throws(FileError) {
    self.folder = folder
    self.inputs = Set(inputs.compactMap(Inputs.identity))
    try folder.location.makeFolder()
  }

  /// `photo.jpg` → `photo.png`; where that is taken, `photo-2.png` and so on. The same inputs in the same
  /// order get the same names.
  package mutating func location(for input: GivenPath) -> GivenPath {
    var name: FilePath = input.isStandardStream ? "stdin" : input.location
    name.extension = nil
    let stem = name.lastComponent?.bytes ?? []
    var number = 1
    while true {
      let location = folder.appending(stem + Array((number == 1 ? ".png" : "-\(number).png").utf8))
      let isInput = Inputs.identity(location).map(inputs.contains) ?? false
      if !isInput && taken.insert(location).inserted { return location }
      number += 1
    }
  }

  /// - Parameter strip: the bytes of a PNG file
  package mutating func write(_ strip: [UInt8], for input: GivenPath) throws {
    try WholeFile.write(strip, to: location(for: input))
  }
}
