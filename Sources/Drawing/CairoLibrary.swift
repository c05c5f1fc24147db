import CCairo

/// Loads Cairo and Pango and looks up their functions.
/// - Parameter names: the files to load; by default those of the first stable versions, which have kept them.
/// - Throws: `DrawingError.unavailable` that names the library, or the function, that is missing.
package func loadCairo(_ names: narrate_cairo_names = narrate_cairo_sonames()) throws(DrawingError)
  -> narrate_cairo_functions
{
  let functions = UnsafeMutablePointer<narrate_cairo_functions>.allocate(capacity: 1)
  defer { functions.deallocate() }
  if let missing = narrate_cairo_load(names, functions) {
    throw .unavailable(
      reason:
        "needs Cairo and Pango (Debian's libpangocairo-1.0-0), which cannot be loaded: \(String(cString: missing))"
    )
  }
  return functions.pointee
}

/// Loaded when first something is drawn, since that takes longer than captioning a picture may.
private let loaded = Result { () throws(DrawingError) in try loadCairo() }

/// The functions of Cairo and Pango, each under its own name.
/// - Precondition: `requireCairo` has not thrown. `Context` sees to that, and all else that calls Cairo has one.
let cairo = try! loaded.get()

/// - Throws: `DrawingError.unavailable` where Cairo or Pango cannot be loaded.
func requireCairo() throws(DrawingError) {
  if case .failure(let error) = loaded { throw error }
}

/// - Parameter operation: what was being done, for the error.
func check(_ status: cairo_status_t, _ operation: String) throws(DrawingError) {
  guard status != CAIRO_STATUS_SUCCESS else { return }
  let reason = cairo.cairo_status_to_string(status).map { String(cString: $0) }
  throw .failed(operation: operation, reason: reason ?? "status \(status.rawValue)")
}
