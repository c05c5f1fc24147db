import CDNNL

/// oneDNN's CPU engine.
///
/// `@unchecked Sendable`: oneDNN's engines may be used from any thread.
package final class Engine: @unchecked Sendable {
  let handle: dnnl_engine_t

  package init() throws(ComputeError) {
    var engine: dnnl_engine_t?
    try check(dnnl_engine_create(&engine, dnnl_cpu, 0), "create a CPU engine")
    guard let engine else { throw ComputeError(operation: "create a CPU engine", status: 0) }
    handle = engine
  }

  deinit { dnnl_engine_destroy(handle) }
}

/// What primitives run on, one after the other. One for each worker.
final class Stream {
  let handle: dnnl_stream_t

  init(_ engine: Engine) throws(ComputeError) {
    var stream: dnnl_stream_t?
    try check(
      dnnl_stream_create(&stream, engine.handle, dnnl_stream_default_flags.rawValue), "create a stream")
    guard let stream else { throw ComputeError(operation: "create a stream", status: 0) }
    handle = stream
  }

  deinit { dnnl_stream_destroy(handle) }
}
