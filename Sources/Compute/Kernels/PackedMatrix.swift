import CDNNL
import CKernels
import Synchronization
import Tensors

/// A weight matrix as oneDNN likes it best, in fewer bits: y = x Wᵀ + b in bfloat16, or in whole numbers of eight bits, where each
/// output has a step of its own, and each row of x a step and a zero, found as it comes (Dettmers et al. 2022, "LLM.int8()",
/// section 2). Sums are 32 bits wide.
///
/// `@unchecked Sendable`: nobody writes to the weights; the lock is held where a variable is touched.
package final class PackedMatrix: @unchecked Sendable {
  /// What x and W are multiplied in.
  package enum Numbers: Sendable {
    case bfloat16
    case bytes

    fileprivate var rows: dnnl_data_type_t { self == .bytes ? dnnl_u8 : dnnl_bf16 }
    fileprivate var weights: dnnl_data_type_t { self == .bytes ? dnnl_s8 : dnnl_bf16 }
    fileprivate var sums: dnnl_data_type_t { self == .bytes ? dnnl_s32 : dnnl_f32 }
  }

  /// Columns of y.
  package let outputs: Int
  /// Columns of x.
  package let inputs: Int
  private let numbers: Numbers
  private let engine: Engine
  private let weights: Buffer
  /// Made for as many rows as a picture has; others take the weights as they stand.
  private let first: Product
  /// [outputs], of whole numbers: their steps, and their sums
  private let steps: [Float]
  private let weightSums: [Int32]
  private let products = Mutex<[Key: Product]>([:])

  private struct Key: Hashable {
    let rows: Int
    let threads: Int
  }

  /// Rows that weights are packed for.
  private static let usualRows = 256

  /// Packs weights.
  /// - Parameter matrix: of which nothing is kept
  package init(_ matrix: HalfMatrix, in numbers: Numbers, _ engine: Engine) throws(ComputeError) {
    (outputs, inputs) = (matrix.outputs, matrix.inputs)
    (self.numbers, self.engine) = (numbers, engine)
    first = try Product(rows: Self.usualRows, inputs, outputs, numbers, layout: nil, engine)
    weights = Buffer(byteCount: dnnl_memory_desc_get_size(first.weights))
    let plain = Buffer(byteCount: outputs * inputs * (numbers == .bytes ? 1 : 2))
    (steps, weightSums) = Self.rounded(matrix, numbers, into: plain)
    let source = try Memory(
      shape: [inputs, outputs], type: numbers.weights, tag: dnnl_ba, at: plain.address, engine)
    try reorder(source, Memory(layout: first.weights, at: weights.address, engine), engine)
  }

  /// The greatest magnitude of a weight: AVX2 adds two products in 16 bits, which hold twice 255 times this.
  private static var mostOfWeights: Float { CPUFeatures.addsProductsOfBytesWhole ? 127 : 63 }

  /// - Returns: the outputs' steps, and the sums of their weights
  private static func rounded(
    _ matrix: HalfMatrix, _ numbers: Numbers, into plain: Buffer
  ) -> ([Float], [Int32]) {
    let (outputs, inputs) = (matrix.outputs, matrix.inputs)
    nonisolated(unsafe) let target = plain.address
    var steps = [Float](repeating: 1, count: outputs)
    var sums = [Int32](repeating: 0, count: outputs)
    steps.withUnsafeMutableBufferPointer { steps in
      sums.withUnsafeMutableBufferPointer { sums in
        nonisolated(unsafe) let (steps, sums) = (steps, sums)
        Compute.share(rows: outputs, atOnce: 64) { range in
          withUnsafeTemporaryAllocation(of: Float.self, capacity: inputs) { row in
            guard let row = row.baseAddress else { return }
            for output in range {
              matrix.copyRow(output, into: row)
              let place = target + output * inputs * (numbers == .bytes ? 1 : 2)
              switch numbers {
              case .bfloat16: narrate_float_to_bfloat(row, place.assumingMemoryBound(to: UInt16.self), inputs)
              case .bytes:
                sums[output] = narrate_quantize_weights(
                  row, place.assumingMemoryBound(to: Int8.self), &steps[output], inputs, mostOfWeights)
              }
            }
          }
        }
      }
    }
    return (steps, sums)
  }

  /// Runs on the calling thread's team.
  /// - Parameters:
  ///   - x: [rows, inputs]
  ///   - bias: [outputs]
  ///   - y: [rows, outputs], overwritten
  package func multiply(_ x: Rows, bias: Tensor? = nil, into y: MutableRows) {
    precondition(x.rows == y.rows && x.columns == inputs && y.columns == outputs)
    precondition(x.isDense && y.isDense && bias?.count ?? outputs == outputs)
    let rows = x.rows
    guard rows > 0 else { return }
    nonisolated(unsafe) let (source, target, bias) = (x.base, y.base, bias?.pointer)
    let product = product(rows: rows)
    // Rounded input, sums of whole numbers, steps and zeros of rows.
    let rounded = rows * inputs * (numbers == .bytes ? 1 : 2)
    let sums = numbers == .bytes ? rows * outputs * 4 : 0
    let places = [rounded, sums, rows * 8, product.scratchByteCount].map { ($0 + 63) & ~63 }
    nonisolated(unsafe) let memory = UnsafeMutableRawPointer.allocate(
      byteCount: places.reduce(0, +), alignment: 64)
    defer { memory.deallocate() }
    nonisolated(unsafe) let totals = memory + places[0]
    nonisolated(unsafe) let scales = (totals + places[1]).assumingMemoryBound(to: Float.self)
    let scratch = totals + places[1] + places[2]
    let (inputs, outputs, numbers) = (inputs, outputs, numbers)
    Self.inParts(rows, of: inputs) { range in
      let (first, count) = (range.lowerBound * inputs, range.count * inputs)
      switch numbers {
      case .bfloat16:
        narrate_float_to_bfloat(source + first, memory.assumingMemoryBound(to: UInt16.self) + first, count)
      case .bytes:
        narrate_quantize_rows(
          source + first, memory.assumingMemoryBound(to: UInt8.self) + first, scales + 2 * range.lowerBound,
          range.count, inputs)
      }
    }
    product.run(
      memory, weights.address, into: numbers == .bytes ? totals : UnsafeMutableRawPointer(target), scratch,
      engine)
    guard numbers == .bytes || bias != nil else { return }
    let (steps, weightSums) = (steps, weightSums)
    Self.inParts(rows, of: outputs) { range in
      let first = range.lowerBound * outputs
      if numbers == .bytes {
        narrate_scale_sums(
          totals.assumingMemoryBound(to: Int32.self) + first, scales + 2 * range.lowerBound, steps,
          weightSums, bias, target + first, range.count, outputs)
      } else if let bias {
        narrate_add_bias(target + first, bias, range.count, outputs)
      }
    }
  }

  /// A second thread is worth waking for many values alone.
  private static func inParts(_ rows: Int, of width: Int, _ body: @Sendable (Range<Int>) -> Void) {
    rows * width < 65_536 ? body(0..<rows) : Compute.share(rows: rows, atOnce: 16, body)
  }

  private func product(rows: Int) -> Product {
    let key = Key(rows: rows, threads: ThreadTeam.current.count)
    return products.withLock { products in
      if let product = products[key] { return product }
      do {
        let made = try Product(rows: rows, inputs, outputs, numbers, layout: first.weights, engine)
        products[key] = made
        return made
      } catch {
        // Weights of this layout were multiplied when they were packed.
        preconditionFailure("\(error)")
      }
    }
  }
}

/// The product of a number of rows with packed weights.
///
/// `@unchecked Sendable`: nothing changes after `init`, and its scratch memory is the caller's.
private final class Product: @unchecked Sendable {
  private let descriptor: PrimitiveDescriptor
  private let primitive: Primitive

  init(
    rows: Int, _ inputs: Int, _ outputs: Int, _ numbers: PackedMatrix.Numbers, layout: narrate_md?,
    _ engine: Engine
  ) throws(ComputeError) {
    let attributes = try Attributes()
    let descriptor = try PrimitiveDescriptor("create a product of matrices") {
      narrate_matmul_create(
        &$0, engine.handle, dnnl_dim_t(rows), dnnl_dim_t(inputs), dnnl_dim_t(outputs), numbers.rows,
        numbers.weights, numbers.sums, layout, attributes.handle)
    }
    primitive = try Primitive(descriptor)
    self.descriptor = descriptor
  }

  var weights: narrate_md { descriptor.layout(dnnl_query_weights_md) }

  var scratchByteCount: Int { dnnl_memory_desc_get_size(descriptor.layout(dnnl_query_scratchpad_md)) }

  func run(
    _ x: UnsafeMutableRawPointer, _ weights: UnsafeMutableRawPointer, into y: UnsafeMutableRawPointer,
    _ scratch: UnsafeMutableRawPointer, _ engine: Engine
  ) {
    do {
      let source = try Memory(layout: descriptor.layout(dnnl_query_src_md), at: x, engine)
      let factor = try Memory(layout: self.weights, at: weights, engine)
      let result = try Memory(layout: descriptor.layout(dnnl_query_dst_md), at: y, engine)
      let room = try Memory(layout: descriptor.layout(dnnl_query_scratchpad_md), at: scratch, engine)
      let stream = try Stream(engine)
      var arguments = [
        dnnl_exec_arg_t(arg: DNNL_ARG_SRC, memory: source.handle),
        dnnl_exec_arg_t(arg: DNNL_ARG_WEIGHTS, memory: factor.handle),
        dnnl_exec_arg_t(arg: DNNL_ARG_DST, memory: result.handle),
        dnnl_exec_arg_t(arg: DNNL_ARG_SCRATCHPAD, memory: room.handle),
      ]
      let status = ThreadTeam.compute {
        dnnl_primitive_execute(primitive.handle, stream.handle, Int32(arguments.count), &arguments)
      }
      precondition(status == dnnl_success, "product: oneDNN status \(status.rawValue)")
    } catch { preconditionFailure("\(error)") }
  }
}
