import Glibc

/// Writes all bytes to a stream that stays open: standard output, standard error.
/// - Parameter name: what errors call it.
package func writeAll(_ bytes: [UInt8], to descriptor: Int32, name: String) throws(FileError) {
  try bytes.withUnsafeBufferPointer { buffer throws(FileError) in
    guard let base = buffer.baseAddress else { return }
    try FileDescriptor.transfer(buffer.count, .write, name) {
      Glibc.write(descriptor, base + $0, buffer.count - $0)
    }
  }
}
