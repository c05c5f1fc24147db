import Foundation
import Models
import Networks
import Tensors
import TestSupport
import Testing

private let configuration = #"{"format":1,"kind":"caption","encoder":{"architecture":"efficientnet-lite2"}}"#

/// A safetensors file of a header and as many zero bytes as `size`.
private func safetensors(_ header: String, size: Int) -> Data {
  var length = UInt64(header.utf8.count).littleEndian
  return Data(bytes: &length, count: 8) + Data(header.utf8) + Data(count: size)
}

private let header = #"""
  {"__metadata__":{"format":"1"},"a":{"dtype":"F16","shape":[3,5],"data_offsets":[0,30]},
   "b":{"dtype":"F16","shape":[],"data_offsets":[30,32]}}
  """#

@Test func aModelFolderIsDescribed() throws {
  let folder = try TemporaryFolder()
  try folder.write(configuration, "m/config.json")
  try folder.write(safetensors(header, size: 32), "m/model.safetensors")
  try folder.write(
    "---\nlicense: mit\nversion: \"1.0\"\nscores: {CIDEr: 0.5}\n---\n# Card\n", "m/README.md")

  let card = ModelCard(folder: folder.url.appendingPathComponent("m"))
  #expect(card.problem == nil)
  #expect(card.name == "m")
  #expect(card.kind == .caption)
  #expect(card.encoder == "efficientnet-lite2")
  #expect(card.parameters == 16)
  #expect(card.bytes == 8 + header.utf8.count + 32)
  #expect(card.frontMatter?.text == #"{"license":"mit","version":"1.0","scores":{"CIDEr":0.5}}"#)
}

@Test(arguments: [
  ("config.json", Data("{".utf8)), ("config.json", Data("[1]".utf8)),
  ("model.safetensors", Data()), ("model.safetensors", Data([1, 0, 0])),
  ("model.safetensors", Data([UInt8](repeating: 255, count: 64))),
  ("model.safetensors", safetensors("{", size: 9)),
  ("model.safetensors", safetensors(header, size: 31)), ("model.safetensors", safetensors(header, size: 33)),
  ("model.safetensors", safetensors(#"{"a":{"shape":[-1],"data_offsets":[0,2]}}"#, size: 2)),
  (
    "model.safetensors",
    safetensors(#"{"a":{"shape":[4611686018427387904,4],"data_offsets":[0,2]}}"#, size: 2)
  ),
  ("README.md", Data("---\n: [\n---\n".utf8)), ("README.md", Data("---\nno end".utf8)),
  ("README.md", Data("---\n- a\n---\n".utf8)),
])
func aDamagedFileIsNamed(name: String, content: Data) throws {
  let folder = try TemporaryFolder()
  try folder.write(configuration, "config.json")
  try folder.write(safetensors(header, size: 32), "model.safetensors")
  try folder.write("no front matter", "README.md")
  #expect(ModelCard(folder: folder.url).problem == nil)
  try folder.write(content, name)
  #expect(ModelCard(folder: folder.url).problem?.hasPrefix(name + ": ") == true)
}

@Test func aliasesOfAliasesDoNotGrowWithoutBound() throws {
  let folder = try TemporaryFolder()
  let levels = (1...9).map {
    "a\($0): &a\($0) [" + Array(repeating: "*a\($0 - 1)", count: 9).joined(separator: ",") + "]"
  }
  try folder.write(configuration, "config.json")
  try folder.write(safetensors(header, size: 32), "model.safetensors")
  try folder.write("---\na0: &a0 x\n" + levels.joined(separator: "\n") + "\n---\n", "README.md")
  #expect(ModelCard(folder: folder.url).problem == "README.md: has front matter with an anchor or an alias")
}

@Test func theLibraryLooksInOrder() throws {
  let folder = try TemporaryFolder()
  for name in ["one/b", "one/a", "two/c"] { try folder.write(configuration, name + "/config.json") }
  try folder.write(#"{"kind":"label"}"#, "one/0/config.json")
  try folder.write("not a model", "one/notes/README.md")
  let environment = [
    "NARRATE_MODELS": "\(folder.path)/none:\(folder.path)/one:\(folder.path)/two/c:\(folder.path)/one"
  ]
  let executable = folder.url.appendingPathComponent("bin/narrate")
  let library = ModelLibrary(environment: environment, executable: executable)

  #expect(library.searchPaths.last?.path == folder.path + "/share/narrate/models")
  #expect(library.models().map(\.name).prefix(4) == ["0", "a", "b", "c"])
  #expect(try library.first(kind: .caption).lastPathComponent == "a")
  #expect(throws: ModelError.self) { try library.first(kind: .other("song")) }
  do {
    _ = try ModelLibrary(searchPaths: [folder.url]).first(kind: .caption)
    Issue.record("found a model where there is none")
  } catch {
    #expect("\(error)".contains(folder.path))
  }
}

/// Changed in a few bytes, shortened or doubled in the middle, a header never traps, neither here nor where weights are read.
@Test func noHeaderTraps() throws {
  let folder = try TemporaryFolder()
  try folder.write(configuration, "config.json")
  try folder.write("no front matter", "README.md")
  var random = RandomGenerator(seed: 27)
  let tokens = [
    "-", "9", "9223372036854775807", "[", "]", "{", "}", "\"", ",", "null", "1e400", "__metadata__",
    "\\u0000",
  ]
  var problems: Set<String> = []
  for _ in 0..<2000 {
    var text = Array(header.utf8)
    for _ in 0...random.integer(below: 2) {
      let position = random.integer(below: text.count)
      switch random.integer(below: 3) {
      case 0: text[position] = UInt8(truncatingIfNeeded: random.next() >> 11)
      case 1: text.removeSubrange(position..<min(text.count, position + 1 + random.integer(below: 9)))
      default: text.insert(contentsOf: tokens[random.integer(below: tokens.count)].utf8, at: position)
      }
      if text.isEmpty { text = [0x7B] }
    }
    var length = UInt64(text.count + random.integer(below: 2)).littleEndian
    let file = try folder.write(
      Data(bytes: &length, count: 8) + Data(text) + Data(count: 32), "model.safetensors")
    let card = ModelCard(folder: folder.url)
    if let problem = card.problem { problems.insert(problem) }
    do throws(SafetensorsError) {
      let weights = try SafetensorsFile(path: file.path)
      for name in weights.names { #expect((weights.shape(of: name) ?? []).reduce(1, *) <= 32) }
    } catch {
      #expect(!"\(error)".isEmpty)
    }
  }
  #expect(problems.count > 3)
}

@Test(arguments: [
  ("", 0, "is cut short or is not a safetensors file"), ("{", 9, "has a damaged header"),
  ("[1]", 0, "has a damaged header"),
  (#"{"b":{"dtype":"F16","shape":[2],"data_offsets":[0]}}"#, 4, "has a damaged header (b)"),
  (#"{"b":{"dtype":"F16","shape":[2],"data_offsets":[-4,0]}}"#, 4, "has a damaged header (b)"),
  (#"{"a":{"dtype":"F16","shape":["2"],"data_offsets":[0,4]},"b":7}"#, 4, "has a damaged header (a)"),
  (#"{"b":{"dtype":"F16","shape":[900],"data_offsets":[0,1800]}}"#, 4, "is cut short (b)"),
  (#"{"b":{"dtype":"F16","shape":[2],"data_offsets":[0,4]}}"#, 5, "is cut short or has bytes too many"),
  (#"{"b":{"dtype":"BF16","shape":[2],"data_offsets":[0,4]}}"#, 4, nil),
])
func headersAreTold(header: String, size: Int, problem: String?) throws {
  let folder = try TemporaryFolder()
  try folder.write(configuration, "config.json")
  try folder.write(header.isEmpty ? Data([1]) : safetensors(header, size: size), "model.safetensors")
  try folder.write("no front matter", "README.md")
  #expect(ModelCard(folder: folder.url).problem == problem.map { "model.safetensors: " + $0 })
}
