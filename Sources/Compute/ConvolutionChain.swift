import CDNNL
import Synchronization
import Tensors

/// A network of convolutions, poolings and concatenations for one picture or clip, made once and run often, by one or several
/// `ChainWorker`s.
///
/// Every convolution chooses its own layout (`any`); a reorder stands only where neighbours disagree. `finish` compiles the
/// operations and packs their weights, on all threads, and plans the memory for the activations from their lifetimes.
/// Where it is faster, a convolution of 3 × 3 is made by Winograd's algorithm.
/// The activation function and the residual sum are fused into the convolution before them. A convolution calculates in the
/// numbers that its source stands in. Padding is TensorFlow's SAME
/// throughout: `ceil(size / stride)` outputs along an axis, an odd padding's larger part after the end.
///
/// `@unchecked Sendable`: nothing changes after `finish`.
package final class ConvolutionChain: @unchecked Sendable {
  /// An activation of the chain, [1, channels] + extent.
  package struct Value {
    fileprivate let index: Int
    package let channels: Int
    /// [height, width] of a picture, [frames, height, width] of a clip.
    package let extent: [Int]
    package let format: NumberFormat
    fileprivate var shape: [Int] { [1, channels] + extent }
  }

  let engine: Engine
  private var layouts: [narrate_md] = []  // of each value; owned by an operation's descriptor or by `plain`
  private var slices: [Int: (whole: Int, byteOffset: Int)] = [:]  // values that stand within another one
  private(set) var operations: [any Operation] = []
  private var plain: [PlainLayout] = []
  private var inputValue: Value?
  private var outputValue: Value?
  private var observed: [Int] = []
  private var plan = ActivationPlan()

  package init(_ engine: Engine) { self.engine = engine }

  /// The picture or the clip, in planes. Once a chain.
  /// - Parameter extent: [height, width] or [frames, height, width]
  package func input(channels: Int, extent: [Int]) throws(ComputeError) -> Value {
    precondition(inputValue == nil && (2...3).contains(extent.count))
    let value = try addPlain([1, channels] + extent, extent.count == 2 ? dnnl_nchw : dnnl_ncdhw)
    inputValue = value
    return value
  }

  /// Adds a convolution.
  /// - Parameters:
  ///   - weight: [outputs, inputs / groups] + the kernel's size along each axis
  ///   - bias: [outputs]
  ///   - stride: along each axis; nil is 1 everywhere.
  ///   - residual: a value of the result's shape that is added before the activation; it must not be used afterwards.
  ///   - format: what the result's numbers stand in; of a source in single precision it is single precision too.
  package func convolution(
    _ source: Value, weight: LazyTensor, bias: LazyTensor, stride: [Int]? = nil, groups: Int = 1,
    activation: Activation, residual: Value? = nil, format: NumberFormat = .single
  ) throws(ComputeError) -> Value {
    let axes = source.extent.count
    let outputs = weight.shape[0]
    precondition(
      weight.shape.count == axes + 2 && weight.shape[1] * groups == source.channels && bias.shape == [outputs]
    )
    precondition(source.format != .single || format == .single)
    // Padding is of stored zeros.
    precondition(source.format.zero == 0 || weight.shape[2...].allSatisfy { $0 == 1 })
    // Bytes of 0…6 end where ReLU6 does.
    precondition(activation == .relu6 ? format.step == 1 || format == .clipped : format != .clipped)
    if source.format == .single, residual == nil, groups == 1, (stride ?? []).allSatisfy({ $0 == 1 }),
      WinogradConvolution.suits(weight: weight.shape, extent: source.extent)
    {
      let operation = try WinogradConvolution(
        weight: weight, bias: bias, activation: activation, extent: source.extent,
        source: layouts[source.index], engine)
      let from = try value(source, in: operation.source)
      operation.arguments.append((DNNL_ARG_SRC, from.index))
      return add(operation, channels: outputs, extent: source.extent)
    }
    let name = "create a convolution \(source.shape) by \(weight.shape), stride \(stride ?? [1])"
    let quantized =
      source.format.isQuantized
      ? QuantizedWeights(weight, bias, source: source.format, base: residual?.format, result: format) : nil
    let attributes = try Attributes(
      factors: quantized?.factors ?? [], grouped: groups > 1,
      base: residual.map { $0.format.step / format.step } ?? 0,
      activation: format == .clipped ? .none : activation)
    let grouped = [groups, outputs / groups] + weight.shape.dropFirst()
    var geometry = narrate_convolution()
    geometry.window = narrate_window(
      source, outputs: outputs, kernel: Array(weight.shape.dropFirst(2)), stride: stride)
    fill(&geometry.weights, groups > 1 ? grouped : weight.shape)
    geometry.bias = dnnl_dim_t(outputs)
    geometry.grouped = groups > 1 ? 1 : 0
    geometry.source_type = source.format.type
    geometry.weights_type = source.format.weightType
    geometry.destination_type = format.type
    let descriptor = try PrimitiveDescriptor(name) {
      narrate_convolution_create(&$0, engine.handle, &geometry, attributes.handle)
    }
    let operation = PrimitiveOperation(descriptor)
    let tags =
      axes == 2 ? (plain: dnnl_oihw, grouped: dnnl_goihw) : (plain: dnnl_oidhw, grouped: dnnl_goidhw)
    operation.add(
      PrimitiveOperation.Constant(
        name: DNNL_ARG_WEIGHTS, values: quantized?.weight ?? weight,
        shape: groups > 1 ? grouped : weight.shape,
        tag: groups > 1 ? tags.grouped : tags.plain, layout: operation.layout(dnnl_query_weights_md)))
    operation.add(
      PrimitiveOperation.Constant(
        name: DNNL_ARG_BIAS, values: quantized?.bias ?? bias, shape: bias.shape, tag: dnnl_a))
    if let quantized { operation.add(factors: quantized.factors, of: DNNL_ARG_WEIGHTS) }

    let from = try value(source, in: operation.layout(dnnl_query_src_md))
    operation.arguments.append((DNNL_ARG_SRC, from.index))
    if let residual {
      precondition(slices[residual.index] == nil, "a slice is still to be read")
      precondition(residual.channels == outputs && residual.extent == geometry.window.extent)
      precondition(residual.format.type == format.type)
      let target = try value(residual, in: operation.layout(dnnl_query_dst_md))
      operation.arguments.append((DNNL_ARG_DST, target.index))
      operations.append(operation)
      return Value(index: target.index, channels: outputs, extent: target.extent, format: format)
    }
    return add(operation, channels: outputs, extent: geometry.window.extent, format: format)
  }

  /// Adds a pooling: the greatest value of each window, what lies outside left out.
  /// - Parameters:
  ///   - kernel: the window's size along each axis
  ///   - stride: along each axis
  package func maximum(_ source: Value, kernel: [Int], stride: [Int]) throws(ComputeError) -> Value {
    precondition(kernel.count == source.extent.count && source.format == .single)
    let attributes = try Attributes()
    var window = narrate_window(source, outputs: source.channels, kernel: kernel, stride: stride)
    let layout = layouts[source.index]
    let descriptor = try PrimitiveDescriptor("create a pooling \(source.shape) by \(kernel)") {
      narrate_pooling_create(&$0, engine.handle, &window, layout, attributes.handle)
    }
    let operation = PrimitiveOperation(descriptor)
    operation.arguments.append((DNNL_ARG_SRC, source.index))
    return add(operation, channels: source.channels, extent: window.extent)
  }

  /// Adds a concatenation of channels. Nothing is copied where all sources stand in the same blocked layout: they are then
  /// placed one after the other.
  package func concatenation(_ sources: [Value]) throws(ComputeError) -> Value {
    guard let first = sources.first else { preconditionFailure("nothing to concatenate") }
    precondition(sources.allSatisfy { $0.extent == first.extent && $0.format == .single })
    if let whole = try adjacent(sources) { return whole }
    let attributes = try Attributes()
    let from = sources.map { Optional(layouts[$0.index]) }
    let descriptor = try PrimitiveDescriptor("create a concatenation") {
      narrate_concat_create(&$0, engine.handle, Int32(from.count), from, attributes.handle)
    }
    let operation = PrimitiveOperation(descriptor)
    for (number, source) in sources.enumerated() {
      operation.arguments.append((DNNL_ARG_MULTIPLE_SRC + Int32(number), source.index))
    }
    return add(operation, channels: sources.reduce(0) { $0 + $1.channels }, extent: first.extent)
  }

  /// The sources as slices of a new value, if their layouts and earlier concatenations allow it.
  private func adjacent(_ sources: [Value]) throws(ComputeError) -> Value? {
    let first = sources[0]
    guard Set(sources.map(\.index)).count == sources.count,
      sources.allSatisfy({ $0.index != inputValue?.index && slices[$0.index] == nil }),
      let kind = try BlockedLayout.Kind(
        of: layouts[first.index], channels: first.channels, extent: first.extent, engine),
      let width = kind.width
    else { return nil }
    for source in sources {
      let other = try BlockedLayout.Kind(
        of: layouts[source.index], channels: source.channels, extent: source.extent, engine)
      guard other == kind, source.channels % width == 0 else { return nil }
    }
    let channels = sources.reduce(0) { $0 + $1.channels }
    let whole = try addPlain([1, channels] + first.extent, kind.tag(axes: first.extent.count))
    var byteOffset = 0
    for source in sources {
      slices[source.index] = (whole.index, byteOffset)
      byteOffset += dnnl_memory_desc_get_size(layouts[source.index])
    }
    return whole
  }

  /// The same value in other numbers.
  package func converted(_ source: Value, to format: NumberFormat) throws(ComputeError) -> Value {
    let tag = source.extent.count == 2 ? dnnl_nhwc : dnnl_ndhwc
    precondition(source.format.zero == 0 && format.zero == 0)
    let copy = try addPlain(source.shape, tag, format)
    try addReorder(from: source, into: copy)
    return copy
  }

  /// Keeps what a value is now, so that a worker has it after each run, in `ChainWorker.observed`.
  package func observe(_ source: Value) throws(ComputeError) {
    observed.append(try converted(source, to: .single).index)
  }

  /// Which value a value stands in, itself unless it is a slice, and how far from its beginning.
  private func place(_ index: Int) -> (whole: Int, byteOffset: Int) {
    var place = (whole: index, byteOffset: 0)
    while let slice = slices[place.whole] {
      place = (slice.whole, place.byteOffset + slice.byteOffset)
    }
    return place
  }

  /// Adds an operation, whose result is a new value in the layout that it chose.
  private func add(
    _ operation: any Operation, channels: Int, extent: [Int], format: NumberFormat = .single
  ) -> Value {
    let result = Value(index: layouts.count, channels: channels, extent: extent, format: format)
    layouts.append(operation.destination)
    operation.arguments.append((DNNL_ARG_DST, result.index))
    operations.append(operation)
    return result
  }

  /// Ends the chain: compiles it for as many threads as `setThreadCount` allows the calling one, and plans the memory.
  package func finish(_ last: Value) throws(ComputeError) {
    guard let first = inputValue, outputValue == nil else { preconditionFailure("a chain is finished once") }
    let target = try addPlain(last.shape, last.extent.count == 2 ? dnnl_nhwc : dnnl_ndhwc)
    try addReorder(from: last, into: target)
    outputValue = target
    try compile()
    for (index, layout) in layouts.enumerated() where slices[index] == nil {
      let uses = operations.indices.filter {
        operations[$0].arguments.contains { place($0.value).whole == index }
      }
      let start = index == first.index ? 0 : uses.first ?? 0
      let end = observed.contains(index) ? operations.count : uses.last ?? start
      plan.add(index, byteCount: dnnl_memory_desc_get_size(layout), from: start, through: end)
    }
  }

  /// Every operation on whichever thread is free.
  private func compile() throws(ComputeError) {
    let failure = Mutex<ComputeError?>(nil)
    share(parts: operations.count) { index in
      do throws(ComputeError) {
        try operations[index].compile(engine)
      } catch {
        failure.withLock { $0 = error }
      }
    }
    if let failure = failure.withLock({ $0 }) { throw failure }
  }

  /// Bytes of a worker's activations.
  var activationByteCount: Int { plan.byteCount }
  /// Bytes of a worker's scratch memory.
  var scratchByteCount: Int { operations.map(\.scratchByteCount).max() ?? 0 }
  /// Where the input and the output stand in a worker's activations.
  var ends: (input: Int, output: Int) {
    guard let inputValue, let outputValue else { preconditionFailure("the chain is unfinished") }
    return (plan.offset(inputValue.index), plan.offset(outputValue.index))
  }

  /// Where the observed values stand in a worker's activations, and their sizes in numbers.
  var observations: [(offset: Int, count: Int)] {
    observed.map { index in
      (plan.offset(index), dnnl_memory_desc_get_size(layouts[index]) / MemoryLayout<Float>.stride)
    }
  }

  /// The operations in order, bound to a worker's memory.
  func bound(
    activations: UnsafeMutableRawPointer, scratch: UnsafeMutableRawPointer
  ) throws(ComputeError) -> [any BoundOperation] {
    var bound: [any BoundOperation] = []
    for operation in operations {
      let places = operation.arguments.map { argument in
        let (whole, byteOffset) = place(argument.value)
        return (
          name: argument.name, layout: layouts[argument.value],
          address: activations + plan.offset(whole) + byteOffset
        )
      }
      bound.append(try operation.bound(to: places, scratch: scratch, engine))
    }
    return bound
  }

  /// The implementation of each operation, for inspection.
  package var implementations: [String] { operations.map(\.implementation) }

  private func addPlain(
    _ shape: [Int], _ tag: dnnl_format_tag_t, _ format: NumberFormat = .single
  ) throws(ComputeError) -> Value {
    let memory = PlainLayout(try Memory(shape: shape, type: format.type, tag: tag, at: nil, engine))
    plain.append(memory)
    let value = Value(index: layouts.count, channels: shape[1], extent: Array(shape[2...]), format: format)
    layouts.append(memory.memory.layout)
    return value
  }

  /// `source` itself if it has this layout, else a reordered copy.
  private func value(_ source: Value, in layout: narrate_md) throws(ComputeError) -> Value {
    if dnnl_memory_desc_equal(layouts[source.index], layout) != 0 { return source }
    let copy = Value(
      index: layouts.count, channels: source.channels, extent: source.extent, format: source.format)
    layouts.append(layout)
    try addReorder(from: source, into: copy)
    return copy
  }

  private func addReorder(from source: Value, into target: Value) throws(ComputeError) {
    let factor = source.format.step / target.format.step
    let factors = factor == 1 ? [] : [factor]
    let attributes = try Attributes(factors: factors)
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
private final class PlainLayout {
  let memory: Memory
  init(_ memory: consuming Memory) { self.memory = memory }
}

/// Writes sizes into one of C's arrays, which Swift sees as a tuple.
private func fill<Sizes>(_ sizes: inout Sizes, _ values: [Int]) {
  withUnsafeMutableBytes(of: &sizes) { bytes in
    let places = bytes.bindMemory(to: dnnl_dim_t.self)
    precondition(values.count <= places.count)
    for (index, value) in values.enumerated() { places[index] = dnnl_dim_t(value) }
  }
}

extension narrate_window {
  fileprivate init(_ source: ConvolutionChain.Value, outputs: Int, kernel: [Int], stride: [Int]?) {
    let stride = stride ?? source.extent.map { _ in 1 }
    precondition(kernel.count == source.extent.count && stride.count == kernel.count)
    self.init()
    axes = Int32(kernel.count)
    let extent = zip(source.extent, stride).map { ($0 + $1 - 1) / $1 }
    let padding = kernel.indices.map {
      max(0, (extent[$0] - 1) * stride[$0] + kernel[$0] - source.extent[$0])
    }
    fill(&self.source, [1, source.channels] + source.extent)
    fill(&destination, [1, outputs] + extent)
    fill(&self.kernel, kernel)
    fill(&strides, stride)
    fill(&padding_before, padding.map { $0 / 2 })
    fill(&padding_after, padding.map { $0 - $0 / 2 })
  }

  /// Of the destination.
  fileprivate var extent: [Int] {
    let sizes = [destination.2, destination.3, destination.4].prefix(Int(axes))
    return sizes.map { Int($0) }
  }
}
