import CKernels

/// IEEE 754 binary16 bit patterns to floats.
package func halfToFloat(
  _ source: UnsafePointer<UInt16>, _ destination: UnsafeMutablePointer<Float>, _ count: Int
) {
  precondition(UInt(bitPattern: source) % 2 == 0)
  narrate_half_to_float(source, destination, count)
}

/// Floats to IEEE 754 binary16 bit patterns, rounded to nearest even.
package func floatToHalf(
  _ source: UnsafePointer<Float>, _ destination: UnsafeMutablePointer<UInt16>, _ count: Int
) {
  narrate_float_to_half(source, destination, count)
}
