import Foundation
import Media

/// The folder of `--attention`: one PNG an input, named after it.
package struct AttentionFolder {
  private let folder: InputPath
  /// Files that must not be written over: the inputs themselves.
  private let inputs: Set<[UInt64]>
  private var taken: Set<InputPath> = []

  /// Makes the folder, with those above it.
  package init(_ folder: InputPath, inputs: [InputPath]) throws(WriteError) {
    self.folder = folder
    self.inputs = Set(inputs.compactMap(Inputs.identity))
    try Self.make(folder)
  }

  /// `photo.jpg` → `photo.png`; where that is taken, `photo-2.png` and so on. The same inputs in the same
  /// order get the same names.
  package mutating func place(for input: InputPath) -> InputPath {
    let stem = input.bytes == Array("-".utf8) ? Array("stdin".utf8) : input.stem.bytes
    var number = 1
    while true {
      let place = folder.appending(stem + Array((number == 1 ? ".png" : "-\(number).png").utf8))
      let isInput = Inputs.identity(place).map(inputs.contains) ?? false
      if !isInput && taken.insert(place).inserted { return place }
      number += 1
    }
  }

  package func write(_ strip: Image, to place: InputPath) throws(WriteError) {
    let bytes: [UInt8]
    do {
      bytes = try strip.pngData()
    } catch {
      throw .failed(path: place.text, reason: "\(error)")
    }
    let file = try WholeFile(place)
    try file.write(bytes)
    try file.commit()
  }

  private static func make(_ folder: InputPath) throws(WriteError) {
    if Inputs.isFolder(folder) || folder.bytes.isEmpty { return }
    let parts = folder.bytes.split(separator: UInt8(ascii: "/"))
    if parts.count > 1 {
      let parent = parts.dropLast().joined(separator: [UInt8(ascii: "/")])
      let isAbsolute = folder.bytes.first == UInt8(ascii: "/")
      try make(InputPath(bytes: (isAbsolute ? [UInt8(ascii: "/")] : []) + Array(parent)))
    }
    if folder.withCString({ mkdir($0, 0o777) }) == 0 { return }
    let code = errno
    guard Inputs.isFolder(folder) else { throw .failed(folder, code == EEXIST ? ENOTDIR : code) }
  }
}
