import Files
import Metadata

/// XMP sidecars: a text is written into one and taken back, and what was there is there again.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafeRawPointer?, _ count: Int) -> CInt {
  let bytes = Bytes(start: start, count: count)
  let place = GivenPath(scratch.appendingPathComponent("photo.jpg.xmp").path)
  let picture = GivenPath(scratch.appendingPathComponent("photo.jpg").path)
  let text = MachineText(
    caption: "a dog", keywords: ["dog", "grass"], model: "m", confidence: 0.5, tool: "t")
  for existing in ExistingText.allCases {
    write(bytes, "photo.jpg.xmp")
    guard attempt({ try Sidecars(existing: existing).write(text, for: picture) }) != nil else { continue }
    _ = attempt { try Sidecars.leaves(of: place) }
    _ = attempt { try Sidecars.undo(place) }
  }
  return 0
}
