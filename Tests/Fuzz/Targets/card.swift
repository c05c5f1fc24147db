import Files
import Models

/// A model's card.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafeRawPointer?, _ count: Int) -> CInt {
  write(#"{"kind":"caption"}"#.utf8, "config.json")
  write(Bytes(start: start, count: count), "README.md")
  let card = ModelCard(folder: scratch)
  _ = (card.frontMatter?.text, card.problem)
  return 0
}
