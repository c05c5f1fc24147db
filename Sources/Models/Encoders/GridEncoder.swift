import Compute
import Media
import Networks
import Tensors

/// The convolutional encoder, ready to run: from a picture to its grid of features. One for each worker.
package final class GridEncoder {
  package let network: EfficientNetLite
  private let graph: InferenceGraph
  private let worker: GraphWorker
  private let preprocessing: Preprocessing
  /// The layers whose outputs the worker keeps.
  private let observed: [String]

  /// Grid positions, row-major from the top left.
  package var positions: Int { network.gridSide * network.gridSide }

  /// Compiles the network and packs its weights, which stand in the file under `encoder`, batch norm folded in.
  /// - Parameters:
  ///   - preprocessing: how pictures become its input
  ///   - compilers: threads that compile it; nil is as many as it will run on
  ///   - observes: whether `outputRanges` is wanted
  package convenience init(
    _ network: EfficientNetLite, weights file: SafetensorsFile, _ engine: Engine,
    preprocessing: Preprocessing = EfficientNetLite.preprocessing, precision: EncoderPrecision = .f32,
    compilers: Int? = nil, observes: Bool = false
  ) throws {
    let graph = try InferenceGraph(
      network.layers, side: network.inputSize, weights: file, engine, precision: precision,
      compilers: compilers, observes: observes)
    try self.init(
      network, graph, preprocessing, observed: observes ? network.linearLayers.map(\.name) : [])
  }

  private init(
    _ network: EfficientNetLite, _ graph: InferenceGraph, _ preprocessing: Preprocessing, observed: [String]
  ) throws {
    (self.network, self.graph, self.preprocessing, self.observed) = (network, graph, preprocessing, observed)
    worker = try GraphWorker(graph)
  }

  /// The same network, the same packed weights, for another thread.
  package func copy() throws -> GridEncoder {
    try GridEncoder(network, graph, preprocessing, observed: observed)
  }

  /// So many that can run at the same time, this one among them.
  package func forWorkers(_ count: Int) throws -> [GridEncoder] {
    try [self] + (1..<count).map { _ in try copy() }
  }

  /// Encodes a picture, made the network's square if it is of another size.
  /// - Returns: [positions, channels], valid until the next call.
  package func encode(_ image: Image) -> Rows {
    let side = network.inputSize
    let square = preprocessing.square(image, side: side, shorterSide: side)
    preprocessing.normalize(square, into: worker.input, stride: side * side)
    return run()
  }

  /// Encodes the network's input.
  /// - Parameter planes: [3, side * side], normalized
  /// - Returns: [positions, channels], valid until the next call.
  package func encode(_ planes: Rows) -> Rows {
    precondition(planes.isDense && planes.count == 3 * network.inputSize * network.inputSize)
    worker.input.update(from: planes.base, count: planes.count)
    return run()
  }

  private func run() -> Rows {
    worker.run()
    return Rows(worker.output, rows: positions, columns: EfficientNetLite.channels)
  }

  /// For the last picture, the magnitude that one in 10,000 outputs of a layer without an activation function exceeds, by the
  /// layer's name; empty unless this was asked for. (The largest are so rare that finer steps serve the features better.)
  package var outputRanges: [String: Float] {
    let ranges = worker.observed.map { outputs in
      let magnitudes = outputs.map(abs).sorted()
      return magnitudes[min(magnitudes.count - 1, Int(Double(magnitudes.count) * 0.9999))]
    }
    return Dictionary(uniqueKeysWithValues: zip(observed, ranges))
  }

  /// What oneDNN chose for each operation.
  package var implementations: [String] { graph.implementations }
}

extension InferenceGraph {
  /// The encoder's first layers, finished; the result is in single precision.
  /// - Parameters:
  ///   - side: of the square picture, in pixels
  ///   - compilers: see `finish`
  ///   - observes: whether the outputs of layers without an activation function are observed
  ///   - observing: names of other layers whose outputs are
  convenience init(
    _ layers: some Collection<EfficientNetLite.Layer>, side: Int, weights file: SafetensorsFile,
    _ engine: Engine, precision: EncoderPrecision = .f32, compilers: Int? = nil, observes: Bool = false,
    observing: Set<String> = []
  ) throws {
    self.init(engine)
    var value = try input(channels: 3, extent: [side, side])
    var blockInput = value
    for (index, layer) in layers.enumerated() {
      if layer.opensBlock { blockInput = value }
      let format = index == layers.count - 1 ? .single : precision.output(of: layer)
      value = try convolution(
        value, weight: file.lazy("encoder.\(layer.name).weight", shape: layer.weightShape),
        bias: file.lazy("encoder.\(layer.name).bias", shape: [layer.weightShape[0]]),
        stride: [layer.stride, layer.stride], groups: layer.groups,
        activation: layer.clipped ? .relu6 : .none, residual: layer.addsResidual ? blockInput : nil,
        format: index == 0 ? .single : format)
      // The first layer, which has the pixels, calculates in single precision always.
      if value.format != format { value = try converted(value, to: format) }
      if observes && !layer.clipped || observing.contains(layer.name) { try observe(value) }
    }
    try finish(value, compilers: compilers)
  }
}
