import Files
import Foundation
import Reports

extension GivenPath {
  /// Bytes that are not UTF-8 go through the argument parser as characters of the last private-use plane,
  /// which no file name has.
  private static let escapeBase: UInt32 = 0x10_FF00

  /// Stands for the dash that a file's name begins with.
  private static let dash = escapeBase + UInt32(UInt8(ascii: "-"))

  /// The arguments, where one that begins with a dash and is no option but the name of a file that is there (`-dash.jpg`, of the
  /// shell's `*.jpg`) becomes a path like any other.
  static func namingFiles(_ arguments: [String]) -> [String] {
    let options = arguments.prefix { $0 != "--" }
    return options.map { argument in
      // No option has a dot in its name.
      guard argument.hasPrefix("-"), argument.contains("."), !argument.contains("="),
        GivenPath(argument: argument).location.kind != nil, let stand = Unicode.Scalar(dash)
      else { return argument }
      return String(Character(stand)) + argument.dropFirst()
    } + arguments.dropFirst(options.count)
  }

  /// The program's arguments without its name, with all that is not UTF-8 escaped.
  static var programArguments: [String] {
    (1..<max(1, Int(CommandLine.argc))).compactMap { index in
      CommandLine.unsafeArgv[index].map { pointer in
        escaped(UnsafeBufferPointer(start: pointer, count: strlen(pointer)).map { UInt8(bitPattern: $0) })
      }
    }
  }

  package static func escaped(_ bytes: [UInt8]) -> String {
    if let text = String(validating: bytes, as: UTF8.self) { return text }
    var text = String.UnicodeScalarView()
    var rest = bytes[...]
    while let byte = rest.first {
      let scalar = (1...4).lazy.filter { $0 <= rest.count }.compactMap { count in
        String(validating: rest.prefix(count), as: UTF8.self)?.unicodeScalars.first.map { ($0, count) }
      }.first
      if let (known, count) = scalar {
        text.append(known)
        rest = rest.dropFirst(count)
      } else {
        if let stand = Unicode.Scalar(escapeBase + UInt32(byte)) { text.append(stand) }
        rest = rest.dropFirst()
      }
    }
    return String(text)
  }

  /// A path from an argument; the inverse of `escaped`.
  package init(argument: String) {
    self.init(
      bytes: argument.unicodeScalars.flatMap { scalar in
        scalar.value == Self.dash || (Self.escapeBase + 0x80...Self.escapeBase + 0xFF).contains(scalar.value)
          ? [UInt8(scalar.value - Self.escapeBase)] : Array(String(scalar).utf8)
      })
  }
}
