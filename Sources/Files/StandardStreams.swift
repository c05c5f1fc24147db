import SystemPackage

/// Writes all bytes to a stream that stays open: standard output, standard error.
/// - Parameter name: what errors call it.
package func writeAll(
  _ bytes: [UInt8], to descriptor: FileDescriptor, name: String
) throws(FileError) {
  try FileError.wrapping(.write, path: name) { _ = try descriptor.writeAll(bytes) }
}
