import CExempi

/// The library that reads and writes XMP, loaded when first a sidecar comes.
///
/// `@unchecked Sendable`: addresses of functions, which nobody changes.
struct ExempiLibrary: @unchecked Sendable {
  let functions: narrate_exempi

  private static let loaded = Result { () throws(MetadataError) in try ExempiLibrary() }

  /// - Throws: `MetadataError.unavailable` where it is not installed.
  static func get() throws(MetadataError) -> narrate_exempi { try loaded.get().functions }

  private init() throws(MetadataError) {
    let memory = UnsafeMutablePointer<narrate_exempi>.allocate(capacity: 1)
    defer { memory.deallocate() }
    if let missing = narrate_exempi_load(memory) {
      throw .unavailable(reason: "XMP needs exempi, which cannot be loaded: \(String(cString: missing))")
    }
    functions = memory.pointee
    guard functions.xmp_init() else { throw .unavailable(reason: "exempi cannot be started") }
    for space in XMPField.spaces {
      // The prefix is a suggestion; a file's own one stays.
      guard let registered = functions.xmp_string_new() else { continue }
      _ = functions.xmp_register_namespace(space.uri, space.prefix, registered)
      functions.xmp_string_free(registered)
    }
  }
}
