import Foundation

/// Paths in addresses (RFC 3986, section 3.3).
enum FileAddress {
  private static let plain = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/".utf8)

  /// What stands for itself in a path, and all else by its bytes, which need not be UTF-8.
  static func escaped(_ path: some Sequence<UInt8>) -> String {
    path.map { byte in
      plain.contains(byte) ? String(Character(Unicode.Scalar(byte))) : String(format: "%%%02X", Int32(byte))
    }.joined()
  }
}
