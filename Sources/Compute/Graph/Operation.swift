import CDNNL

/// A step of a graph: what the graph must know in order to place its values and run it. Workers share it.
protocol Operation: AnyObject, Sendable {
  /// The chain's values by the argument they are for, such as `DNNL_ARG_SRC`.
  var arguments: [(name: Int32, value: Int)] { get set }
  /// The layout that the result stands in, valid as long as the operation.
  var destination: narrate_md { get }
  /// Compiles it and packs its weights; once, and on any thread, while others are compiled.
  func compile(_ engine: Engine) throws(ComputeError)
  /// Bytes that it needs only while it runs; known when it is compiled.
  var scratchByteCount: Int { get }
  /// The name of the implementation, for inspection.
  var implementation: String { get }
  /// Binds it to one worker's memory.
  /// - Parameters:
  ///   - arguments: where each of the arguments stands
  ///   - scratch: where `scratchByteCount` bytes stand, aligned to 64
  func bound(
    to arguments: [(name: Int32, layout: narrate_md, address: UnsafeMutableRawPointer)],
    scratch: UnsafeMutableRawPointer, _ engine: Engine
  ) throws(ComputeError) -> any BoundOperation
}

/// A step of a chain with one worker's memory. It keeps the operation.
protocol BoundOperation: AnyObject {
  /// On the calling thread's team, which is the graph's.
  func run(_ stream: Stream)
}
