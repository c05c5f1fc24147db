import CDNNL
import Tensors

/// A weight matrix laid out once for products with a fixed number of rows: y = x Wᵀ, without allocation per product.
package final class PackedMatrix {
  /// Rows of x and of y.
  package let rows: Int
  /// Columns of y.
  package let outputs: Int
  /// Columns of x.
  package let inputs: Int
  private let engine: Engine
  private let weights: Buffer
  private let scratch: Buffer
  private let primitive: Primitive
  private let x: Memory
  private let w: Memory
  private let y: Memory
  private let pad: Memory
  private var arguments: [dnnl_exec_arg_t]

  /// - Parameter weight: [outputs, inputs].
  package init(_ weight: Tensor, rows: Int, _ engine: Engine) throws(ComputeError) {
    precondition(weight.shape.count == 2 && rows > 0)
    (self.rows, outputs, inputs, self.engine) = (rows, weight.shape[0], weight.shape[1], engine)
    let attributes = try Attributes()
    let (columns, inner) = (outputs, inputs)
    let descriptor = try PrimitiveDescriptor("create a product \(rows)x\(columns)x\(inner)") {
      narrate_matmul_create(
        &$0, engine.handle, dnnl_dim_t(rows), dnnl_dim_t(columns), dnnl_dim_t(inner), attributes.handle)
    }
    primitive = try Primitive(descriptor)
    weights = Buffer(byteCount: dnnl_memory_desc_get_size(descriptor.layout(dnnl_query_weights_md)))
    scratch = Buffer(byteCount: dnnl_memory_desc_get_size(descriptor.layout(dnnl_query_scratchpad_md)))
    x = try Memory(layout: descriptor.layout(dnnl_query_src_md), at: nil, engine)
    w = try Memory(layout: descriptor.layout(dnnl_query_weights_md), at: weights.address, engine)
    y = try Memory(layout: descriptor.layout(dnnl_query_dst_md), at: nil, engine)
    pad = try Memory(layout: descriptor.layout(dnnl_query_scratchpad_md), at: scratch.address, engine)
    arguments = [
      dnnl_exec_arg_t(arg: DNNL_ARG_SRC, memory: x.handle),
      dnnl_exec_arg_t(arg: DNNL_ARG_WEIGHTS, memory: w.handle),
      dnnl_exec_arg_t(arg: DNNL_ARG_DST, memory: y.handle),
      dnnl_exec_arg_t(arg: DNNL_ARG_SCRATCHPAD, memory: pad.handle),
    ]
    // Read as [inputs, outputs] with the inputs innermost, the rows of `weight` are the columns of W.
    let plain = try Memory(
      shape: [inner, columns], tag: dnnl_ba, at: UnsafeMutableRawPointer(mutating: weight.pointer), engine)
    try reorder(plain, w, engine)
    withExtendedLifetime(weight) {}
  }

  /// - Parameters:
  ///   - input: [rows, inputs]
  ///   - output: [rows, outputs], overwritten
  package func multiply(_ input: UnsafePointer<Float>, into output: UnsafeMutablePointer<Float>) {
    dnnl_memory_set_data_handle(x.handle, UnsafeMutableRawPointer(mutating: input))
    dnnl_memory_set_data_handle(y.handle, output)
    let status = dnnl_primitive_execute(primitive.handle, engine.stream, Int32(arguments.count), arguments)
    precondition(status == dnnl_success, "product: oneDNN status \(status.rawValue)")
  }
}
