import CHash
import SystemPackage

/// What a file is by its bytes, whatever it is called, wherever it lies and whenever it was written: their number, and XXH3's 128
/// bits of them (https://github.com/Cyan4973/xxHash). Of a file of more than 64 MiB, as videos are, the bits are of 256 blocks of
/// 256 KiB that lie evenly from its beginning to its end.
///
/// It tells files apart that came about by themselves; whoever wants to can make two with the same key.
package struct ContentKey: Hashable, Sendable {
  /// Bytes of the file.
  package let size: UInt64
  package let high, low: UInt64

  init(size: Int, _ value: narrate_digest_value) {
    (self.size, high, low) = (UInt64(size), value.high, value.low)
  }

  /// Of a file with these bytes, at most 64 MiB.
  package init(_ bytes: [UInt8]) {
    precondition(bytes.count <= ContentReader.wholeBytes)
    self.init(size: bytes.count, narrate_digest_of(bytes, bytes.count))
  }

  /// Which of so many equal parts of all that there is the file belongs to, from 0.
  package func part(of count: Int) -> Int { Int(low % UInt64(count)) }
}

extension ContentKey: LosslessStringConvertible {
  private static let digits = 16

  /// 32 hexadecimal digits, a hyphen, and the number of bytes.
  package var description: String {
    func hexadecimal(_ number: UInt64) -> String {
      let text = String(number, radix: 16)
      return String(repeating: "0", count: Self.digits - text.utf8.count) + text
    }
    return "\(hexadecimal(high))\(hexadecimal(low))-\(size)"
  }

  package init?(_ text: String) { self.init(text: text.utf8) }

  /// - Parameter text: of a `description`
  package init?(text: some BidirectionalCollection<UInt8>) {
    var rest = text[...]
    func number(_ digits: some Sequence<UInt8>, _ radix: UInt64) -> UInt64? {
      var total: UInt64 = 0
      for digit in digits {
        let value: UInt64
        switch digit {
        case 0x30...0x39: value = UInt64(digit - 0x30)
        case 0x61...0x66 where radix == 16: value = UInt64(digit - 0x61) + 10
        default: return nil
        }
        let (product, isTooLarge) = total.multipliedReportingOverflow(by: radix)
        let (sum, isTooLargeThen) = product.addingReportingOverflow(value)
        if isTooLarge || isTooLargeThen { return nil }
        total = sum
      }
      return total
    }
    let words = (0..<2).map { _ in
      defer { rest = rest.dropFirst(Self.digits) }
      return rest.prefix(Self.digits)
    }
    guard rest.first == UInt8(ascii: "-"), (2...20).contains(rest.count), let high = number(words[0], 16),
      let low = number(words[1], 16), let size = number(rest.dropFirst(), 10)
    else { return nil }
    (self.size, self.high, self.low) = (size, high, low)
  }
}

/// Reads files for their keys, one after another, into the same memory. One thread at a time may use it.
package final class ContentReader {
  /// Files of up to so many bytes are read as a whole.
  package static let wholeBytes = 64 << 20
  /// Bytes read at once: they are still in the processor's cache when they are counted in.
  package static let block = 256 << 10

  private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: block, alignment: 64)
  private let digest: OpaquePointer

  package init() {
    guard let digest = narrate_digest_new() else { fatalError("out of memory") }
    self.digest = digest
  }

  deinit {
    narrate_digest_free(digest)
    buffer.deallocate()
  }

  /// The key of a regular file that nobody writes to meanwhile.
  /// - Parameter isWanted: told of the file's beginning, `block` bytes or all that there are; where it says no, no more is read.
  /// - Returns: nil for a file that is not wanted
  /// - Throws: also where the file ends before the size that it had
  package func key(
    of file: borrowing OpenFile, where isWanted: (UnsafeRawBufferPointer) -> Bool = { _ in true }
  ) throws(FileError) -> ContentKey? {
    let size = try file.size()
    let start = try read(file, min(size, Self.block), at: 0)
    guard isWanted(start) else { return nil }
    if start.count == size { return ContentKey(size: size, narrate_digest_of(start.baseAddress, size)) }
    narrate_digest_begin(digest)
    narrate_digest_add(digest, start.baseAddress, start.count)
    let blocks = min((size + Self.block - 1) / Self.block, Self.wholeBytes / Self.block)
    for block in 1..<blocks {
      let place =
        size <= Self.wholeBytes ? block * Self.block : Self.place(block, of: blocks, span: size - Self.block)
      let bytes = try read(file, min(Self.block, size - place), at: place)
      narrate_digest_add(digest, bytes.baseAddress, bytes.count)
    }
    return ContentKey(size: size, narrate_digest_end(digest))
  }

  /// Where a block of a file begins that is not read as a whole: the first at 0, the last at `span`.
  private static func place(_ block: Int, of blocks: Int, span: Int) -> Int {
    let (whole, rest) = span.quotientAndRemainder(dividingBy: blocks - 1)
    return whole * block + rest * block / (blocks - 1)
  }

  private func read(
    _ file: borrowing OpenFile, _ count: Int, at place: Int
  ) throws(FileError) -> UnsafeRawBufferPointer {
    let bytes = UnsafeMutableRawBufferPointer(rebasing: buffer[..<count])
    try file.read(bytes, at: place)
    return UnsafeRawBufferPointer(bytes)
  }
}

extension ContentKey {
  /// Of the regular file that a path leads to.
  package init(contentsOf path: GivenPath) throws(FileError) {
    let file = try OpenFile(regular: path.location, knownAs: path.text)
    guard let key = try ContentReader().key(of: file) else { preconditionFailure("every file is wanted") }
    self = key
  }
}
