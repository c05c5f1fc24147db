import CDNNL

/// oneDNN's CPU engine and an in-order stream on it. One for each worker.
package final class Engine {
  let handle: dnnl_engine_t
  let stream: dnnl_stream_t

  package init() throws(ComputeError) {
    var engine: dnnl_engine_t?
    try check(dnnl_engine_create(&engine, dnnl_cpu, 0), "create a CPU engine")
    var stream: dnnl_stream_t?
    let status = dnnl_stream_create(&stream, engine, dnnl_stream_default_flags.rawValue)
    guard let engine, let stream else {
      if let engine { dnnl_engine_destroy(engine) }
      throw ComputeError(operation: "create a stream", status: Int(status.rawValue))
    }
    handle = engine
    self.stream = stream
  }

  deinit {
    dnnl_stream_destroy(stream)
    dnnl_engine_destroy(handle)
  }
}

/// Sets how many threads the primitives and products that the calling thread runs may use.
package func setThreadCount(_ count: Int) {
  precondition(count > 0)
  omp_set_num_threads(Int32(count))
}

/// How many threads the calling thread may use.
var threadCount: Int { Int(omp_get_max_threads()) }
