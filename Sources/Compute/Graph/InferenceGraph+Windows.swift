import CDNNL
import Tensors

extension InferenceGraph {
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
      factors: quantized?.factors ?? [], of: DNNL_ARG_WEIGHTS, grouped: groups > 1,
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
}

extension narrate_window {
  fileprivate init(_ source: InferenceGraph.Value, outputs: Int, kernel: [Int], stride: [Int]?) {
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

/// Writes sizes into one of C's arrays, which Swift sees as a tuple.
private func fill<Sizes>(_ sizes: inout Sizes, _ values: [Int]) {
  withUnsafeMutableBytes(of: &sizes) { bytes in
    let dimensions = bytes.bindMemory(to: dnnl_dim_t.self)
    precondition(values.count <= dimensions.count)
    for (index, value) in values.enumerated() { dimensions[index] = dnnl_dim_t(value) }
  }
}
