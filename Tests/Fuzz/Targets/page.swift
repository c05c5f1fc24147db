import Files
import Metadata

/// Pages in HTML and Markdown: their pictures, doubts, and what is written into them, which changes nothing else.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafeRawPointer?, _ count: Int) -> CInt {
  let bytes = Array(Bytes(start: start, count: count))
  for name in ["a/b.md", "b.html"] {
    guard let page = attempt({ try Page(bytes, path: GivenPath(name)) }) else { continue }
    _ = page.doubts.flatMap { $0.map(\.description) }
    for image in page.images { _ = page.location(of: image, root: GivenPath("root")) }
    precondition(page.replacing([:]) == bytes)
    let texts = page.images.indices.filter { page.images[$0].lacksText || page.images[$0].isDecorative }
    let new = page.replacing(Dictionary(uniqueKeysWithValues: texts.map { ($0, "a \"dog\" <on> [grass]") }))
    _ = PageDiff.unified(bytes, new, name: [])
  }
  return 0
}
