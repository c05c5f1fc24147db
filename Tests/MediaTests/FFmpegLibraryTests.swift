import CFFmpeg
import Media
import Testing

@Suite struct FFmpegLibraryTests {
  @Test func librariesAreThoseOfTheHeaders() throws {
    #expect(String(cString: narrate_av_sonames().avformat) == "libavformat.so.\(LIBAVFORMAT_VERSION_MAJOR)")
    _ = try loadFFmpeg()
  }

  @Test func libraryThatIsMissingIsNamed() {
    "libswscale.so.none".withCString { missing in
      var names = narrate_av_sonames()
      names.swscale = missing
      #expect(reason(names)?.hasPrefix("needs FFmpeg, which cannot be loaded: libswscale.so.none: ") == true)
    }
  }

  @Test func functionThatIsMissingIsNamed() {
    var names = narrate_av_sonames()
    names.swscale = names.avutil
    #expect(reason(names)?.contains("sws_") == true)
  }

  /// Why FFmpeg cannot be loaded from these files; records an issue where it can.
  private func reason(_ names: narrate_av_names) -> String? {
    #expect(throws: FFmpegUnavailable.self) { try loadFFmpeg(names) }?.reason
  }
}
