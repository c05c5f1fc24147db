import Foundation
import Testing
import narrate

private func names(in folder: TemporaryFolder) throws -> [String] {
  try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
}

@Test func aFileIsThereWholeOrNotAtAll() throws {
  let folder = try TemporaryFolder()
  let path = InputPath(argument: folder.path + "/out")
  do {
    let file = try WholeFile(path)
    try file.write(Array("half".utf8))
  }
  #expect(try names(in: folder).isEmpty)

  try folder.write("old", to: "out")
  let file = try WholeFile(path)
  try file.write(Array("new ".utf8))
  #expect(try String(contentsOfFile: path.text, encoding: .utf8) == "old")
  try file.write(Array("text".utf8))
  try file.commit()
  #expect(try String(contentsOfFile: path.text, encoding: .utf8) == "new text")
  #expect(try names(in: folder) == ["out"])
}

@Test func aLinkStaysALink() throws {
  let folder = try TemporaryFolder()
  try folder.write("old", to: "target")
  try FileManager.default.createSymbolicLink(
    atPath: folder.path + "/link", withDestinationPath: folder.path + "/target")
  let file = try WholeFile(InputPath(argument: folder.path + "/link"))
  try file.write([0x78])
  try file.commit()
  #expect(try String(contentsOfFile: folder.path + "/target", encoding: .utf8) == "x")
  #expect(
    try FileManager.default.destinationOfSymbolicLink(atPath: folder.path + "/link").hasSuffix("target"))
}

@Test func failuresNameTheFile() throws {
  let folder = try TemporaryFolder()
  let missing = folder.path + "/no/out"
  #expect(throws: WriteError.failed(path: missing, reason: "no such file or directory")) {
    try WholeFile(InputPath(argument: missing))
  }
  let full = try WholeFile(InputPath(argument: "/dev/full"))
  #expect(throws: WriteError.failed(path: "/dev/full", reason: "no space left on device")) {
    try full.write([0])
  }
  #expect(FileManager.default.fileExists(atPath: "/dev/full"))
}
