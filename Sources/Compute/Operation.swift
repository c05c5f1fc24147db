import CDNNL

/// A step of a chain: what the chain must know in order to place its values and run it.
protocol Operation: AnyObject {
  /// The chain's values by the argument they are for, such as `DNNL_ARG_SRC`.
  var arguments: [(name: Int32, value: Int)] { get set }
  /// The layout that the result stands in, valid as long as the operation.
  var destination: narrate_md { get }
  /// Bytes that it needs only while it runs.
  var scratchByteCount: Int { get }
  /// The name of the implementation, for inspection.
  var implementation: String { get }

  /// Says where an argument stands, once for each.
  func bind(
    _ name: Int32, layout: narrate_md, at address: UnsafeMutableRawPointer, _ engine: Engine
  ) throws(ComputeError)

  /// Says where `scratchByteCount` bytes, aligned to 64, stand.
  func bindScratch(at address: UnsafeMutableRawPointer, _ engine: Engine) throws(ComputeError)

  /// On as many threads as `setThreadCount` allows the calling thread.
  func run(_ engine: Engine)
}
