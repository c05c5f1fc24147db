import CDNNL
import Tensors

/// One of oneDNN's primitives with everything bound to it.
final class PrimitiveOperation: Operation {
  private let descriptor: PrimitiveDescriptor
  private let primitive: Primitive
  private var bound: [BoundMemory] = []
  private var executionArguments: [dnnl_exec_arg_t] = []
  var arguments: [(name: Int32, value: Int)] = []

  init(_ descriptor: consuming PrimitiveDescriptor) throws(ComputeError) {
    primitive = try Primitive(descriptor)
    self.descriptor = descriptor
  }

  func layout(_ what: dnnl_query_t) -> narrate_md { descriptor.layout(what) }

  var destination: narrate_md { layout(dnnl_query_dst_md) }

  var scratchByteCount: Int { dnnl_memory_desc_get_size(layout(dnnl_query_scratchpad_md)) }

  /// The name of oneDNN's implementation, such as `brgconv:avx512_core`.
  var implementation: String {
    var name: UnsafePointer<CChar>?
    guard dnnl_primitive_desc_query(descriptor.handle, dnnl_query_impl_info_str, 0, &name) == dnnl_success,
      let name
    else { return "unknown" }
    return String(cString: name)
  }

  /// Copies a constant into the given layout (its plain one if nil) and keeps it.
  func pack(
    _ tensor: Tensor, shape: [Int], tag: dnnl_format_tag_t, as name: Int32, layout: narrate_md?,
    _ engine: Engine
  ) throws(ComputeError) {
    let address = UnsafeMutableRawPointer(mutating: tensor.pointer)
    let source = try Memory(shape: shape, tag: tag, at: address, engine)
    let target = layout ?? source.layout
    let buffer = Buffer(byteCount: dnnl_memory_desc_get_size(target))
    let packed = try Memory(layout: target, at: buffer.address, engine)
    try reorder(source, packed, engine)
    withExtendedLifetime(tensor) {}
    add(name, packed, buffer)
  }

  func bind(
    _ name: Int32, layout: narrate_md, at address: UnsafeMutableRawPointer, _ engine: Engine
  ) throws(ComputeError) {
    add(name, try Memory(layout: layout, at: address, engine), nil)
  }

  func bindScratch(at address: UnsafeMutableRawPointer, _ engine: Engine) throws(ComputeError) {
    try bind(DNNL_ARG_SCRATCHPAD, layout: layout(dnnl_query_scratchpad_md), at: address, engine)
  }

  func run(_ engine: Engine) {
    let status = dnnl_primitive_execute(
      primitive.handle, engine.stream, Int32(executionArguments.count), executionArguments)
    precondition(status == dnnl_success, "\(implementation): oneDNN status \(status.rawValue)")
  }

  private func add(_ name: Int32, _ memory: consuming Memory, _ buffer: Buffer?) {
    executionArguments.append(dnnl_exec_arg_t(arg: name, memory: memory.handle))
    bound.append(BoundMemory(memory, buffer))
  }
}

/// A memory object and, for constants, the bytes that it stands for.
private final class BoundMemory {
  let memory: Memory
  let buffer: Buffer?
  init(_ memory: consuming Memory, _ buffer: Buffer?) {
    self.memory = memory
    self.buffer = buffer
  }
}
