/// Numbers in half precision, as they stand in the catalogue: little-endian, two bytes each.
enum HalfBytes {
  static func bytes(_ values: [Float]) -> [UInt8] {
    values.flatMap { value in
      let bits = Float16(value).bitPattern
      return [UInt8(truncatingIfNeeded: bits), UInt8(bits >> 8)]
    }
  }

  static func values(_ bytes: UnsafeRawBufferPointer) -> [Float] {
    (0..<bytes.count / 2).map { place in
      Float(Float16(bitPattern: UInt16(bytes[2 * place]) | UInt16(bytes[2 * place + 1]) << 8))
    }
  }
}
