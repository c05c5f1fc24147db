/// A chain with memory for its activations: what runs it. One for each thread that runs it at the same time; the packed
/// weights are the chain's.
package final class ChainWorker {
  private let chain: ConvolutionChain
  private let memory: Buffer
  private let operations: [any BoundOperation]
  private let stream: Stream
  /// What to write before `run`: planes, [channels] + extent.
  package let input: UnsafeMutablePointer<Float>
  /// The result after `run`: extent + [channels].
  package let output: UnsafePointer<Float>
  /// After `run`, the values that the chain observes, in that order: each extent + [channels].
  package let observed: [UnsafeBufferPointer<Float>]

  /// - Parameter chain: finished
  package init(_ chain: ConvolutionChain) throws(ComputeError) {
    self.chain = chain
    memory = Buffer(byteCount: chain.activationByteCount + chain.scratchByteCount)
    stream = try Stream(chain.engine)
    operations = try chain.bound(
      activations: memory.address, scratch: memory.address + chain.activationByteCount)
    input = (memory.address + chain.ends.input).assumingMemoryBound(to: Float.self)
    output = UnsafePointer((memory.address + chain.ends.output).assumingMemoryBound(to: Float.self))
    observed = chain.observations.map { [memory] place in
      UnsafeBufferPointer(
        start: (memory.address + place.offset).assumingMemoryBound(to: Float.self), count: place.count)
    }
  }

  /// From `input` to `output`, on as many threads as `setThreadCount` allows the calling thread; scratch memory is
  /// planned for as many as were allowed when the chain was made.
  package func run() {
    for operation in operations { operation.run(stream) }
  }
}
