import CStills

/// A library that decodes one kind of stills, loaded when first one comes.
///
/// `@unchecked Sendable`: addresses of functions, which nobody changes.
struct StillLibrary<Functions>: @unchecked Sendable {
  private let functions: Result<Functions, MissingLibrary>

  private struct MissingLibrary: Error {
    let reason: String
  }

  fileprivate init(_ name: String, _ load: (UnsafeMutablePointer<Functions>) -> UnsafePointer<CChar>?) {
    let memory = UnsafeMutablePointer<Functions>.allocate(capacity: 1)
    defer { memory.deallocate() }
    if let missing = load(memory) {
      functions = .failure(
        MissingLibrary(reason: "needs \(name), which cannot be loaded: \(String(cString: missing))"))
    } else {
      functions = .success(memory.pointee)
    }
  }

  /// Its functions, each under its own name.
  /// - Throws: `MediaError.unsupported`, which names the library, where it cannot be loaded.
  func loaded(path: String) throws(MediaError) -> Functions {
    switch functions {
    case .success(let functions): return functions
    case .failure(let missing): throw .unsupported(path: path, reason: missing.reason)
    }
  }
}

/// The libraries, each loaded at first use.
enum StillLibraries {
  static let heif = StillLibrary("libheif") { narrate_heif_load($0) }
  static let tiff = StillLibrary("libtiff") { narrate_tiff_load($0) }
  static let webP = StillLibrary("libwebp") { narrate_webp_load($0) }
  static let littleCMS = StillLibrary("Little CMS") { narrate_lcms_load($0) }
  static let raw = StillLibrary("LibRaw") { narrate_raw_load($0) }
}
