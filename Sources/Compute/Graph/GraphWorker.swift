/// A graph with memory for its activations: what runs it. One for each thread that runs it at the same time; the packed
/// weights are the graph's.
package final class GraphWorker {
  private let graph: InferenceGraph
  private let memory: Buffer
  private let operations: [any BoundOperation]
  private let stream: Stream
  /// What to write before `run`: planes, [channels] + extent.
  package let input: UnsafeMutablePointer<Float>
  /// The result after `run`: extent + [channels].
  package let output: UnsafePointer<Float>
  /// After `run`, the values that the graph observes, in that order: each extent + [channels].
  package let observed: [UnsafeBufferPointer<Float>]

  /// - Parameter graph: finished
  package init(_ graph: InferenceGraph) throws(ComputeError) {
    self.graph = graph
    memory = Buffer(byteCount: graph.activationByteCount + graph.scratchByteCount)
    stream = try Stream(graph.engine)
    operations = try graph.bound(
      activations: memory.address, scratch: memory.address + graph.activationByteCount)
    input = (memory.address + graph.ends.input).assumingMemoryBound(to: Float.self)
    output = UnsafePointer((memory.address + graph.ends.output).assumingMemoryBound(to: Float.self))
    observed = graph.observations.map { [memory] range in
      UnsafeBufferPointer(
        start: (memory.address + range.offset).assumingMemoryBound(to: Float.self), count: range.count)
    }
  }

  /// From `input` to `output`, by the graph's team: for so many threads there is scratch memory.
  package func run() {
    graph.team.run {
      for operation in operations { operation.run(stream) }
    }
  }
}
