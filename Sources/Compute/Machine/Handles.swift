import CDNNL

/// Owner of a primitive descriptor: the choice of an implementation and of the layouts that it wants.
struct PrimitiveDescriptor: ~Copyable {
  let handle: dnnl_primitive_desc_t

  /// - Parameter create: a oneDNN call that makes the descriptor.
  init(
    _ operation: @autoclosure () -> String, _ create: (inout dnnl_primitive_desc_t?) -> dnnl_status_t
  ) throws(ComputeError) {
    var descriptor: dnnl_primitive_desc_t?
    // oneDNN plans for as many threads as it may use now.
    try check(ThreadTeam.compute { create(&descriptor) }, operation())
    guard let descriptor else { throw ComputeError(operation: operation(), status: 0) }
    handle = descriptor
  }

  /// A layout, valid as long as this descriptor.
  func layout(_ what: dnnl_query_t) -> narrate_md { narrate_primitive_md(handle, what) }

  deinit { dnnl_primitive_desc_destroy(handle) }
}

/// What follows a convolution, element by element.
package enum Activation: Sendable {
  case none
  case relu
  /// A clip to 0…6.
  case relu6
}

/// Owner of what is fused into a primitive, and of the scratchpad mode.
struct Attributes: ~Copyable {
  let handle: dnnl_primitive_attr_t

  /// - Parameters:
  ///   - factors: what each output channel is multiplied by, or all of them; empty for nothing
  ///   - argument: whose numbers the factors belong to
  ///   - grouped: whether they are of a grouped convolution
  ///   - base: what stands in the destination, times this, is added; 0 for nothing
  init(
    factors: [Float] = [], of argument: Int32 = DNNL_ARG_SRC, grouped: Bool = false, base: Float = 0,
    activation: Activation = .none
  ) throws(ComputeError) {
    var attributes: dnnl_primitive_attr_t?
    let (function, limit): (dnnl_alg_kind_t, Float) =
      switch activation {
      case .none: (dnnl_alg_kind_undef, 0)
      case .relu: (dnnl_eltwise_relu, 0)
      case .relu6: (dnnl_eltwise_clip, 6)
      }
    let status = factors.withUnsafeBufferPointer { factors in
      var fusion = narrate_fusion(
        factors: factors.baseAddress, factor_count: dnnl_dim_t(factors.count), factors_of: argument,
        grouped: grouped ? 1 : 0,
        base: base, function: function, alpha: 0, beta: limit)
      return narrate_attributes_create(&attributes, &fusion)
    }
    guard status == dnnl_success, let attributes else {
      if let attributes { dnnl_primitive_attr_destroy(attributes) }
      throw ComputeError(operation: "create attributes", status: Int(status.rawValue))
    }
    handle = attributes
  }

  deinit { dnnl_primitive_attr_destroy(handle) }
}

/// Owner of a compiled primitive.
struct Primitive: ~Copyable {
  let handle: dnnl_primitive_t

  init(_ descriptor: borrowing PrimitiveDescriptor) throws(ComputeError) {
    var primitive: dnnl_primitive_t?
    try check(dnnl_primitive_create(&primitive, descriptor.handle), "compile a primitive")
    guard let primitive else { throw ComputeError(operation: "compile a primitive", status: 0) }
    handle = primitive
  }

  deinit { dnnl_primitive_destroy(handle) }
}

/// Owner of a oneDNN memory object, which is a layout and an address; the bytes are somebody else's.
struct Memory: ~Copyable {
  let handle: dnnl_memory_t

  init(layout: narrate_md, at address: UnsafeMutableRawPointer?, _ engine: Engine) throws(ComputeError) {
    var memory: dnnl_memory_t?
    try check(dnnl_memory_create(&memory, layout, engine.handle, address), "create a memory object")
    guard let memory else { throw ComputeError(operation: "create a memory object", status: 0) }
    handle = memory
  }

  /// A plain layout, such as `dnnl_nchw`.
  init(
    shape: [Int], type: dnnl_data_type_t = dnnl_f32, tag: dnnl_format_tag_t,
    at address: UnsafeMutableRawPointer?, _ engine: Engine
  ) throws(ComputeError) {
    var memory: dnnl_memory_t?
    let axes = shape.map { dnnl_dim_t($0) }
    try check(
      narrate_memory_create(&memory, engine.handle, Int32(axes.count), axes, type, tag, address),
      "create a memory object")
    guard let memory else { throw ComputeError(operation: "create a memory object", status: 0) }
    handle = memory
  }

  var layout: narrate_md { narrate_memory_md(handle) }

  deinit { dnnl_memory_destroy(handle) }
}

/// Memory for packed weights and activations: bytes aligned to 64, zero at first.
///
/// `@unchecked Sendable`: it is where bytes stand; who writes them is its users' care.
final class Buffer: @unchecked Sendable {
  let address: UnsafeMutableRawPointer
  let byteCount: Int

  init(byteCount: Int) {
    self.byteCount = byteCount
    address = .allocate(byteCount: max(byteCount, 64), alignment: 64)
    address.initializeMemory(as: UInt8.self, repeating: 0, count: byteCount)
  }

  deinit { address.deallocate() }
}

/// Copies `source` into `destination`, from one layout to the other.
func reorder(_ source: borrowing Memory, _ destination: borrowing Memory, _ engine: Engine)
  throws(ComputeError)
{
  let from = source.layout
  let into = destination.layout
  let descriptor = try PrimitiveDescriptor("reorder") {
    dnnl_reorder_primitive_desc_create(&$0, from, engine.handle, into, engine.handle, nil)
  }
  let primitive = try Primitive(descriptor)
  var arguments = [
    dnnl_exec_arg_t(arg: DNNL_ARG_FROM, memory: source.handle),
    dnnl_exec_arg_t(arg: DNNL_ARG_TO, memory: destination.handle),
  ]
  let stream = try Stream(engine)
  try check(dnnl_primitive_execute(primitive.handle, stream.handle, 2, &arguments), "reorder")
  try check(dnnl_stream_wait(stream.handle), "reorder")
}
