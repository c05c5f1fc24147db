import Files
import Foundation
import TestSupport
import Testing

private func key(_ path: String) throws -> ContentKey { try ContentKey(contentsOf: GivenPath(path)) }

/// Of xxHash's own test of its functions (`tests/sanity_test.c`) and of `xxhsum -H2`.
@Test func keysAreXXH3() {
  #expect(ContentKey([]).description == "99aa06d3014798d86001c324468d497f-0")
  #expect(ContentKey(Array("abc".utf8)).description == "06b05ab6733a618578af5f94892f3950-3")
}

@Test func aKeyIsOfTheBytesAlone() throws {
  let folder = try TemporaryFolder()
  let block = ContentReader.block
  for count in [0, 1, 240, block - 1, block, block + 1, 3 * block, 3 * block + 77] {
    let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }
    try folder.write(bytes, "a")
    try folder.write(bytes, "deep/b.jpg")
    #expect(try key(folder.path("a")) == ContentKey(bytes))
    #expect(try key(folder.path("deep/b.jpg")) == ContentKey(bytes))
    guard count > 0 else { continue }
    for place in Set([0, count / 2, count - 1]) {
      var other = bytes
      other[place] ^= 1
      #expect(ContentKey(other) != ContentKey(bytes))
    }
  }
}

@Test func ofAVideoSomeBlocksAreRead() throws {
  let folder = try TemporaryFolder()
  let path = folder.path("v")
  let size = (1 << 30) + 12_345
  try folder.write("", "v")
  let file = try FileHandle(forUpdating: URL(fileURLWithPath: path))
  try file.truncate(atOffset: UInt64(size))
  let blank = try key(path)
  #expect(blank.size == UInt64(size))
  var seen: Set<ContentKey> = [blank]
  for place in [0, ContentReader.block - 1, size - ContentReader.block, size - 1] {
    try file.seek(toOffset: UInt64(place))
    try file.write(contentsOf: [7])
    #expect(seen.insert(try key(path)).inserted)
  }
}

@Test func keysAreReadAsTheyAreWritten() throws {
  let key = ContentKey(Array("abc".utf8))
  #expect(ContentKey(key.description) == key)
  for wrong in [
    "", "abc", "06b05ab6733a618578af5f94892f3950", "06b05ab6733a618578af5f94892f3950-",
    "06B05ab6733a618578af5f94892f3950-3", "06b05ab6733a618578af5f94892f395-3",
    "06b05ab6733a618578af5f94892f3950-3a", "06b05ab6733a618578af5f94892f3950-99999999999999999999",
    "06b05ab6733a618578af5f94892f3950+3",
  ] { #expect(ContentKey(wrong) == nil, "\(wrong)") }
}

@Test func unwantedFilesAreNotReadToTheirEnd() throws {
  let folder = try TemporaryFolder()
  try folder.write(Array(repeating: 9, count: 3 * ContentReader.block), "a")
  let reader = ContentReader()
  let file = try OpenFile(regular: folder.path("a"))
  var seen = 0
  let unwanted = try reader.key(of: file) { start in
    seen = start.count
    return false
  }
  #expect(unwanted == nil && seen == ContentReader.block)
  #expect(throws: FileError.self) { try key(folder.path("none")) }
  #expect(throws: FileError(.read, path: folder.path, code: EISDIR)) { try key(folder.path) }
}
