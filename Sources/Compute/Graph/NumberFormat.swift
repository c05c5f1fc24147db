import CDNNL

/// What a value's numbers stand in.
package enum NumberFormat: Equatable, Sendable {
  /// 32-bit floats.
  case single
  /// bfloat16: the upper half of a 32-bit float.
  case bfloat16
  /// Bytes for the outputs of ReLU6: 0…255 for 0…6.
  case clipped
  /// Bytes for numbers of both signs: -128…127 times `step`, stored as 0…255.
  case centered(step: Float)

  /// What a stored 1 stands for.
  package var step: Float {
    switch self {
    case .single, .bfloat16: 1
    case .clipped: 6 / 255
    case .centered(let step): step
    }
  }

  /// What a zero is stored as.
  package var zero: Float {
    switch self {
    case .single, .bfloat16, .clipped: 0
    case .centered: 128
    }
  }

  var isQuantized: Bool {
    switch self {
    case .single, .bfloat16: false
    case .clipped, .centered: true
    }
  }

  var type: dnnl_data_type_t {
    switch self {
    case .single: dnnl_f32
    case .bfloat16: dnnl_bf16
    case .clipped, .centered: dnnl_u8
    }
  }

  /// That of the weights by which such numbers are multiplied.
  var weightType: dnnl_data_type_t { isQuantized ? dnnl_s8 : type }
}

/// What the CPU has, and oneDNN uses.
package enum CPUFeatures {
  /// Products of bytes, 32 at a time or more.
  package static var multipliesBytes: Bool { has(dnnl_cpu_isa_avx2) }
  /// Sums of two products of bytes that are not cut to 16 bits (VNNI): weights may use all of their eight.
  static var addsProductsOfBytesWhole: Bool { has(dnnl_cpu_isa_avx512_core_vnni) }
  /// Products of bfloat16. Without them oneDNN has no such convolutions, or slow ones.
  package static var multipliesBFloat16: Bool { has(dnnl_cpu_isa_avx512_core_bf16) }

  private static func has(_ features: dnnl_cpu_isa_t) -> Bool {
    dnnl_get_effective_cpu_isa().rawValue & features.rawValue == features.rawValue
  }
}
