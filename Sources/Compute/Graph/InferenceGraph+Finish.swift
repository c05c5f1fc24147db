import CDNNL
import Synchronization

extension InferenceGraph {
  /// Ends the graph: compiles it for its team, and plans the memory.
  /// - Parameter compilers: threads that compile it; nil is as many as it is compiled for
  package func finish(_ last: Value, compilers: Int? = nil) throws(ComputeError) {
    guard let first = inputValue, outputValue == nil else { preconditionFailure("a graph is finished once") }
    precondition(team == .current, "a graph is built by the team that runs it")
    let target = try addPlain(last.shape, last.extent.count == 2 ? dnnl_nhwc : dnnl_ndhwc)
    try addReorder(from: last, into: target)
    outputValue = target
    try compile(on: compilers)
    for (index, layout) in layouts.enumerated() where slices[index] == nil {
      let uses = operations.indices.filter {
        operations[$0].arguments.contains { location($0.value).whole == index }
      }
      let start = index == first.index ? 0 : uses.first ?? 0
      let end = observed.contains(index) ? operations.count : uses.last ?? start
      plan.add(index, byteCount: dnnl_memory_desc_get_size(layout), from: start, through: end)
    }
  }

  /// Every operation on whichever thread is free.
  private func compile(on threads: Int?) throws(ComputeError) {
    let failure = Mutex<ComputeError?>(nil)
    team.run {
      share(parts: operations.count, among: threads) { index in
        do throws(ComputeError) {
          try operations[index].compile(engine)
        } catch {
          failure.withLock { $0 = error }
        }
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
    guard let inputValue, let outputValue else { preconditionFailure("the graph is unfinished") }
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
      let arguments = operation.arguments.map { argument in
        let (whole, byteOffset) = location(argument.value)
        return (
          name: argument.name, layout: layouts[argument.value],
          address: activations + plan.offset(whole) + byteOffset
        )
      }
      bound.append(try operation.bound(to: arguments, scratch: scratch, engine))
    }
    return bound
  }

  /// The implementation of each operation, for inspection.
  package var implementations: [String] { operations.map(\.implementation) }
}
