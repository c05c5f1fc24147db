import CDNNL
import Tensors

/// A network of convolutions for one image, made once and run often.
///
/// Every convolution chooses its own layout (`any`); a reorder stands only where neighbours disagree. Weights are packed
/// when a convolution is added, activations share one buffer that `finish` plans from their lifetimes.
/// Each channel's ReLU6 clip and the residual sum are fused into the convolution before them.
package final class ConvolutionChain {
  /// An activation of the chain, [1, channels, height, width].
  package struct Value {
    fileprivate let index: Int
    package let channels: Int
    package let height: Int
    package let width: Int
    fileprivate var shape: [Int] { [1, channels, height, width] }
  }

  private let engine: Engine
  private var layouts: [narrate_md] = []  // of each value; owned by an operation's descriptor or by `plain`
  private var storage: [Int] = []  // of each value: which activation buffer
  private var operations: [Operation] = []
  private var plain: [PlainLayout] = []
  private var activations: Buffer?
  /// The picture to write before `run`: planes [3, height, width]. Set by `finish`.
  package private(set) var input: UnsafeMutablePointer<Float>?
  /// The result after `run`: [height, width, channels]. Set by `finish`.
  package private(set) var output: UnsafePointer<Float>?
  private var inputValue: Value?

  package init(_ engine: Engine) { self.engine = engine }

  /// The picture, in planes. Once a chain.
  package func picture(channels: Int, height: Int, width: Int) throws(ComputeError) -> Value {
    precondition(inputValue == nil)
    let value = try addPlain([1, channels, height, width], dnnl_nchw)
    inputValue = value
    return value
  }

  /// Adds a convolution with TensorFlow's SAME padding: `ceil(size / stride)` outputs, an odd padding's larger part
  /// below and to the right.
  /// - Parameters:
  ///   - weight: [outputs, inputs / groups, kernel, kernel]
  ///   - bias: [outputs]
  ///   - clipped: whether ReLU6 follows.
  ///   - residual: a value of the result's shape that is added before the clip; it must not be used afterwards.
  package func convolution(
    _ source: Value, weight: Tensor, bias: Tensor, stride: Int = 1, groups: Int = 1, clipped: Bool,
    residual: Value? = nil
  ) throws(ComputeError) -> Value {
    let (outputs, kernel) = (weight.shape[0], weight.shape[2])
    precondition(weight.shape[1] * groups == source.channels && bias.shape == [outputs])
    let height = (source.height + stride - 1) / stride
    let width = (source.width + stride - 1) / stride
    let result = Value(index: layouts.count, channels: outputs, height: height, width: width)
    let name = "create a convolution \(source.shape) by \(weight.shape), stride \(stride)"
    let attributes = try Attributes(adds: residual != nil, clips: clipped)
    var geometry = narrate_convolution(
      source, result, kernel: kernel, stride: stride, groups: groups)
    let descriptor = try PrimitiveDescriptor(name) {
      narrate_convolution_create(&$0, engine.handle, &geometry, attributes.handle)
    }
    let operation = try Operation(descriptor)
    let grouped = [groups, outputs / groups, weight.shape[1], kernel, kernel]
    try operation.pack(
      weight, shape: groups > 1 ? grouped : weight.shape, tag: groups > 1 ? dnnl_goihw : dnnl_oihw,
      as: DNNL_ARG_WEIGHTS, layout: operation.layout(dnnl_query_weights_md), engine)
    try operation.pack(
      bias, shape: bias.shape, tag: dnnl_a, as: DNNL_ARG_BIAS, layout: nil, engine)

    let from = try value(source, in: operation.layout(dnnl_query_src_md))
    let into = operation.layout(dnnl_query_dst_md)
    operation.arguments.append((DNNL_ARG_SRC, from.index))
    if let residual {
      precondition(residual.shape == result.shape)
      let base = try value(residual, in: into)
      operation.arguments.append((DNNL_ARG_DST, base.index))
      operations.append(operation)
      return base
    }
    let destination = Value(index: layouts.count, channels: outputs, height: height, width: width)
    layouts.append(into)
    storage.append(destination.index)
    operation.arguments.append((DNNL_ARG_DST, destination.index))
    operations.append(operation)
    return destination
  }

  /// Ends the chain: plans the memory and binds every operation to it.
  package func finish(_ last: Value) throws(ComputeError) {
    guard let first = inputValue, activations == nil else { preconditionFailure("a chain is finished once") }
    let target = try addPlain(last.shape, dnnl_nhwc)
    try addReorder(from: last, into: target)
    var plan = ActivationPlan()
    for (index, layout) in layouts.enumerated() where storage[index] == index {
      let uses = operations.indices.filter {
        operations[$0].arguments.contains { storage[$0.value] == index }
      }
      let start = index == first.index ? 0 : uses.first ?? 0
      plan.add(index, byteCount: dnnl_memory_desc_get_size(layout), from: start, through: uses.last ?? start)
    }
    let scratch = operations.map(\.scratchByteCount).max() ?? 0
    let buffer = Buffer(byteCount: plan.byteCount + scratch)
    for operation in operations {
      for argument in operation.arguments {
        let address = buffer.address + plan.offset(storage[argument.value])
        try operation.bind(argument.name, layout: layouts[argument.value], at: address, engine)
      }
      try operation.bindScratch(at: buffer.address + plan.byteCount, engine)
    }
    activations = buffer
    input = (buffer.address + plan.offset(storage[first.index])).assumingMemoryBound(to: Float.self)
    output = UnsafePointer((buffer.address + plan.offset(target.index)).assumingMemoryBound(to: Float.self))
  }

  /// From `input` to `output`, on as many threads as `setThreadCount` allows the calling thread.
  package func run() {
    for operation in operations { operation.run(engine) }
  }

  /// Operations with the implementations that oneDNN chose, for inspection.
  package var implementations: [String] { operations.map(\.implementation) }

  private func addPlain(_ shape: [Int], _ tag: dnnl_format_tag_t) throws(ComputeError) -> Value {
    let memory = PlainLayout(try Memory(shape: shape, tag: tag, at: nil, engine))
    plain.append(memory)
    let value = Value(index: layouts.count, channels: shape[1], height: shape[2], width: shape[3])
    layouts.append(memory.memory.layout)
    storage.append(value.index)
    return value
  }

  /// `source` itself if it has this layout, else a reordered copy.
  private func value(_ source: Value, in layout: narrate_md) throws(ComputeError) -> Value {
    if dnnl_memory_desc_equal(layouts[source.index], layout) != 0 { return source }
    let copy = Value(
      index: layouts.count, channels: source.channels, height: source.height, width: source.width)
    layouts.append(layout)
    storage.append(copy.index)
    try addReorder(from: source, into: copy)
    return copy
  }

  private func addReorder(from source: Value, into target: Value) throws(ComputeError) {
    let attributes = try Attributes()
    let (from, into) = (layouts[source.index], layouts[target.index])
    let descriptor = try PrimitiveDescriptor("create a reorder") {
      dnnl_reorder_primitive_desc_create(&$0, from, engine.handle, into, engine.handle, attributes.handle)
    }
    let operation = try Operation(descriptor)
    operation.arguments = [(DNNL_ARG_FROM, source.index), (DNNL_ARG_TO, target.index)]
    operations.append(operation)
  }
}

/// Keeps a plain layout alive.
private final class PlainLayout {
  let memory: Memory
  init(_ memory: consuming Memory) { self.memory = memory }
}

extension narrate_convolution {
  fileprivate init(
    _ source: ConvolutionChain.Value, _ result: ConvolutionChain.Value, kernel: Int, stride: Int, groups: Int
  ) {
    func padding(_ size: Int) -> (before: dnnl_dim_t, after: dnnl_dim_t) {
      let total = max(0, ((size + stride - 1) / stride - 1) * stride + kernel - size)
      return (dnnl_dim_t(total / 2), dnnl_dim_t(total - total / 2))
    }
    let (rows, columns) = (padding(source.height), padding(source.width))
    let (outputs, inputs, k) = (dnnl_dim_t(result.channels), dnnl_dim_t(source.channels), dnnl_dim_t(kernel))
    let g = dnnl_dim_t(groups)
    self.init()
    self.source = (1, inputs, dnnl_dim_t(source.height), dnnl_dim_t(source.width))
    weights = groups > 1 ? (g, outputs / g, inputs / g, k, k) : (outputs, inputs, k, k, 0)
    bias = outputs
    destination = (1, outputs, dnnl_dim_t(result.height), dnnl_dim_t(result.width))
    grouped = groups > 1 ? 1 : 0
    strides = (dnnl_dim_t(stride), dnnl_dim_t(stride))
    padding_before = (rows.before, columns.before)
    padding_after = (rows.after, columns.after)
  }
}
