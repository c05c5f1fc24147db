import CCairo
import Drawing
import Foundation
import Testing

@Suite struct CairoLibraryTests {
  @Test func librariesAreFoundByTheirNames() throws { _ = try loadCairo() }

  @Test func libraryThatIsMissingIsNamedAndWhatToInstall() {
    "libpango-1.0.so.none".withCString { missing in
      var names = narrate_cairo_sonames()
      names.pango = missing
      let reason = reason(names)
      #expect(reason?.contains("cannot be loaded: libpango-1.0.so.none: ") == true)
      #expect(reason?.contains("libpangocairo-1.0-0") == true)
    }
  }

  @Test func functionThatIsMissingIsNamed() {
    var names = narrate_cairo_sonames()
    names.pango = names.gobject
    #expect(reason(names)?.contains("pango_") == true)
  }

  @Test func withoutAFontTextIsAnErrorAndShapesAreNot() async {
    await #expect(processExitsWith: .success) {
      let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      defer { try? FileManager.default.removeItem(at: folder) }
      let settings = folder.appendingPathComponent("fonts.conf")
      try Data("<fontconfig><dir>/nowhere</dir></fontconfig>".utf8).write(to: settings)
      setenv("FONTCONFIG_FILE", settings.path, 1)
      var drawing = Drawing(width: 20, height: 20, background: Color(0))
      drawing.fill(Rectangle(x: 1, y: 1, width: 5, height: 5), Color(0xFF0000))
      _ = try drawing.png()
      drawing.write("a", at: Point(5, 15), TextStyle(size: 10, color: Color(0xFFFFFF)))
      let error = #expect(throws: DrawingError.self) { try drawing.png() }
      #expect(error?.description.contains("fonts-dejavu-core") == true)
    }
  }

  /// Why Cairo cannot be loaded from these files; records an issue where it can.
  private func reason(_ names: narrate_cairo_names) -> String? {
    guard
      case .unavailable(let reason) = #expect(throws: DrawingError.self, performing: { try loadCairo(names) })
    else { return nil }
    return reason
  }
}
