import CDNNL
import Tensors

/// One of oneDNN's primitives and its packed weights.
///
/// `@unchecked Sendable`: it changes only while the chain that owns it is made; `compile` runs once, on one thread.
final class PrimitiveOperation: Operation, @unchecked Sendable {
  /// Weights or a bias, to be packed.
  struct Constant {
    var name: Int32
    var values: LazyTensor
    /// As `values` are to be read, such as grouped.
    var shape: [Int]
    var tag: dnnl_format_tag_t
    /// Into what they are packed; nil is the plain layout.
    var layout: narrate_md?
  }

  let descriptor: PrimitiveDescriptor
  private var primitive: Primitive?
  private var constants: [Constant] = []
  private var packed: [(name: Int32, memory: PackedMemory)] = []
  var arguments: [(name: Int32, value: Int)] = []

  init(_ descriptor: consuming PrimitiveDescriptor) { self.descriptor = descriptor }

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

  /// Adds weights, which `compile` packs.
  func add(_ constant: Constant) { constants.append(constant) }

  /// Adds the factors of an argument's channels, where oneDNN wants them when it runs.
  func add(factors: [Float], of argument: Int32) {
    let name = narrate_factors_argument(argument)
    guard name != 0, !factors.isEmpty else { return }
    let values = LazyTensor(Tensor(shape: [factors.count], values: factors))
    add(Constant(name: name, values: values, shape: values.shape, tag: dnnl_a))
  }

  func compile(_ engine: Engine) throws(ComputeError) {
    primitive = try Primitive(descriptor)
    for constant in constants {
      let memory = try constant.values.withValues { (values) throws(ComputeError) -> PackedMemory in
        let source = try Memory(shape: constant.shape, tag: constant.tag, at: values, engine)
        return try PackedMemory(source, layout: constant.layout ?? source.layout, engine)
      }
      packed.append((constant.name, memory))
    }
    constants = []
  }

  func bound(
    to arguments: [(name: Int32, layout: narrate_md, address: UnsafeMutableRawPointer)],
    scratch: UnsafeMutableRawPointer, _ engine: Engine
  ) throws(ComputeError) -> any BoundOperation {
    let scratch = (name: DNNL_ARG_SCRATCHPAD, layout: layout(dnnl_query_scratchpad_md), address: scratch)
    var memories: [(name: Int32, memory: BoundMemory)] = []
    for argument in arguments + [scratch] {
      memories.append(
        (argument.name, BoundMemory(try Memory(layout: argument.layout, at: argument.address, engine))))
    }
    return BoundPrimitive(self, memories)
  }

  fileprivate func run(_ arguments: [dnnl_exec_arg_t], _ stream: Stream) {
    let status = dnnl_primitive_execute(
      primitive?.handle, stream.handle, Int32(arguments.count), arguments)
    precondition(status == dnnl_success, "\(implementation): oneDNN status \(status.rawValue)")
  }

  fileprivate var constantArguments: [dnnl_exec_arg_t] {
    packed.map { dnnl_exec_arg_t(arg: $0.name, memory: $0.memory.memory.handle) }
  }
}

/// A primitive with one worker's memory.
private final class BoundPrimitive: BoundOperation {
  private let operation: PrimitiveOperation
  private let memories: [(name: Int32, memory: BoundMemory)]
  private let arguments: [dnnl_exec_arg_t]

  init(_ operation: PrimitiveOperation, _ memories: [(name: Int32, memory: BoundMemory)]) {
    (self.operation, self.memories) = (operation, memories)
    arguments =
      operation.constantArguments
      + memories.map { dnnl_exec_arg_t(arg: $0.name, memory: $0.memory.memory.handle) }
  }

  func run(_ stream: Stream) { operation.run(arguments, stream) }
}

/// Constants and the bytes that they stand in.
private final class PackedMemory {
  let memory: Memory
  private let buffer: Buffer

  /// Copies `source` into the given layout.
  init(_ source: borrowing Memory, layout: narrate_md, _ engine: Engine) throws(ComputeError) {
    buffer = Buffer(byteCount: dnnl_memory_desc_get_size(layout))
    memory = try Memory(layout: layout, at: buffer.address, engine)
    try reorder(source, memory, engine)
  }
}

/// A memory object whose bytes are somebody else's.
private final class BoundMemory {
  let memory: Memory
  init(_ memory: consuming Memory) { self.memory = memory }
}
