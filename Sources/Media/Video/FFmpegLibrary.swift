import CFFmpeg

/// Why FFmpeg's libraries cannot be used.
package struct FFmpegUnavailable: Error, Equatable {
  /// One sentence about the file that needs them; names the library, or the function, that is missing.
  package let reason: String
}

/// Loads FFmpeg's libraries and looks up their functions.
/// - Parameter names: the files to load; by default those of the versions that the package was built with.
package func loadFFmpeg(_ names: narrate_av_names = narrate_av_sonames()) throws(FFmpegUnavailable)
  -> narrate_av_functions
{
  let functions = UnsafeMutablePointer<narrate_av_functions>.allocate(capacity: 1)
  defer { functions.deallocate() }
  if let missing = narrate_av_load(names, functions) {
    throw FFmpegUnavailable(reason: "needs FFmpeg, which cannot be loaded: \(String(cString: missing))")
  }
  return functions.pointee
}

/// Loaded when first a file needs FFmpeg, since that takes longer than captioning a picture may.
private let loaded = Result { () throws(FFmpegUnavailable) in
  let functions = try loadFFmpeg()
  functions.av_max_alloc(largestAllocation)
  return functions
}

/// Bytes that FFmpeg takes at once, at most: some files claim tables of billions of entries.
private let largestAllocation = 272 << 20

/// FFmpeg's functions, each under its own name.
/// - Precondition: `requireFFmpeg` has not thrown. `Container` sees to that, and all else that calls FFmpeg has one.
let ffmpeg = try! loaded.get()

/// - Throws: `MediaError.unsupported` where FFmpeg cannot be loaded.
func requireFFmpeg(path: String) throws(MediaError) {
  if case .failure(let error) = loaded { throw .unsupported(path: path, reason: error.reason) }
}
