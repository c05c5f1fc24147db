import CDNNL

/// A network of convolutions, poolings and concatenations for one picture or clip, made once and run often, by one or several
/// `GraphWorker`s.
///
/// Every convolution chooses its own layout (`any`); a reorder stands only where neighbors disagree. `finish` compiles the
/// operations and packs their weights, on several threads, and plans the memory for the activations from their lifetimes.
/// Where it is faster, a convolution of 3 × 3 is made by Winograd's algorithm.
/// The activation function and the residual sum are fused into the convolution before them. A convolution calculates in the
/// numbers that its source stands in. Padding is TensorFlow's SAME
/// throughout: `ceil(size / stride)` outputs along an axis, an odd padding's larger part after the end.
///
/// `@unchecked Sendable`: nothing changes after `finish`.
package final class InferenceGraph: @unchecked Sendable {
  /// An activation of the graph, [1, channels] + extent.
  package struct Value {
    let index: Int
    package let channels: Int
    /// [height, width] of a picture, [frames, height, width] of a clip.
    package let extent: [Int]
    package let format: NumberFormat
    var shape: [Int] { [1, channels] + extent }
  }

  let engine: Engine
  /// What runs it, and plans memory for its threads.
  package let team: ThreadTeam
  /// Of each value; owned by an operation's descriptor or by `plain`.
  private(set) var layouts: [narrate_md] = []
  /// Values that stand within another one.
  var slices: [Int: (whole: Int, byteOffset: Int)] = [:]
  var operations: [any Operation] = []
  private var plain: [PlainLayout] = []
  private(set) var inputValue: Value?
  var outputValue: Value?
  private(set) var observed: [Int] = []
  var plan = ActivationPlan()

  /// A graph for the calling thread's team, which builds it from here to `finish`.
  package init(_ engine: Engine) { (self.engine, team) = (engine, .current) }

  /// The picture or the clip, in planes. Once a graph.
  /// - Parameter extent: [height, width] or [frames, height, width]
  package func input(channels: Int, extent: [Int]) throws(ComputeError) -> Value {
    precondition(inputValue == nil && (2...3).contains(extent.count))
    let value = try addPlain([1, channels] + extent, extent.count == 2 ? dnnl_nchw : dnnl_ncdhw)
    inputValue = value
    return value
  }

  /// The same value in other numbers.
  package func converted(_ source: Value, to format: NumberFormat) throws(ComputeError) -> Value {
    let tag = source.extent.count == 2 ? dnnl_nhwc : dnnl_ndhwc
    precondition(source.format.zero == 0 && format.zero == 0)
    let copy = try addPlain(source.shape, tag, format)
    try addReorder(from: source, into: copy)
    return copy
  }

  /// Keeps what a value is now, so that a worker has it after each run, in `GraphWorker.observed`.
  package func observe(_ source: Value) throws(ComputeError) {
    observed.append(try converted(source, to: .single).index)
  }

  /// Adds an operation, whose result is a new value in the layout that it chose.
  func add(
    _ operation: any Operation, channels: Int, extent: [Int], format: NumberFormat = .single
  ) -> Value {
    let result = Value(index: layouts.count, channels: channels, extent: extent, format: format)
    layouts.append(operation.destination)
    operation.arguments.append((DNNL_ARG_DST, result.index))
    operations.append(operation)
    return result
  }

  func addPlain(
    _ shape: [Int], _ tag: dnnl_format_tag_t, _ format: NumberFormat = .single
  ) throws(ComputeError) -> Value {
    let memory = PlainLayout(try Memory(shape: shape, type: format.type, tag: tag, at: nil, engine))
    plain.append(memory)
    let value = Value(index: layouts.count, channels: shape[1], extent: Array(shape[2...]), format: format)
    layouts.append(memory.memory.layout)
    return value
  }

  /// `source` itself if it has this layout, else a reordered copy.
  func value(_ source: Value, in layout: narrate_md) throws(ComputeError) -> Value {
    if dnnl_memory_desc_equal(layouts[source.index], layout) != 0 { return source }
    let copy = Value(
      index: layouts.count, channels: source.channels, extent: source.extent, format: source.format)
    layouts.append(layout)
    try addReorder(from: source, into: copy)
    return copy
  }

  func addReorder(from source: Value, into target: Value) throws(ComputeError) {
    let factor = source.format.step / target.format.step
    let factors = factor == 1 ? [] : [factor]
    let attributes = try Attributes(factors: factors, of: DNNL_ARG_FROM)
    let (from, into) = (layouts[source.index], layouts[target.index])
    let descriptor = try PrimitiveDescriptor("create a reorder") {
      dnnl_reorder_primitive_desc_create(&$0, from, engine.handle, into, engine.handle, attributes.handle)
    }
    let operation = PrimitiveOperation(descriptor)
    operation.add(factors: factors, of: DNNL_ARG_FROM)
    operation.arguments = [(DNNL_ARG_FROM, source.index), (DNNL_ARG_TO, target.index)]
    operations.append(operation)
  }
}

/// Keeps a plain layout alive.
final class PlainLayout {
  let memory: Memory
  init(_ memory: consuming Memory) { self.memory = memory }
}
