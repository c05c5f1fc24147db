import CDNNL

extension InferenceGraph {
  /// Adds a concatenation of channels. Nothing is copied where all sources stand in the same blocked layout: they are then
  /// placed one after the other.
  package func concatenation(_ sources: [Value]) throws(ComputeError) -> Value {
    guard let first = sources.first else { preconditionFailure("nothing to concatenate") }
    precondition(sources.allSatisfy { $0.extent == first.extent && $0.format == .single })
    if let whole = try adjacent(sources) { return whole }
    let attributes = try Attributes()
    let from = sources.map { Optional(layouts[$0.index]) }
    let descriptor = try PrimitiveDescriptor("create a concatenation") {
      narrate_concat_create(&$0, engine.handle, Int32(from.count), from, attributes.handle)
    }
    let operation = PrimitiveOperation(descriptor)
    for (number, source) in sources.enumerated() {
      operation.arguments.append((DNNL_ARG_MULTIPLE_SRC + Int32(number), source.index))
    }
    return add(operation, channels: sources.reduce(0) { $0 + $1.channels }, extent: first.extent)
  }

  /// The sources as slices of a new value, if their layouts and earlier concatenations allow it.
  private func adjacent(_ sources: [Value]) throws(ComputeError) -> Value? {
    let first = sources[0]
    guard Set(sources.map(\.index)).count == sources.count,
      sources.allSatisfy({ $0.index != inputValue?.index && slices[$0.index] == nil }),
      let kind = try BlockedLayout.Kind(
        of: layouts[first.index], channels: first.channels, extent: first.extent, engine),
      let width = kind.width
    else { return nil }
    for source in sources {
      let other = try BlockedLayout.Kind(
        of: layouts[source.index], channels: source.channels, extent: source.extent, engine)
      guard other == kind, source.channels % width == 0 else { return nil }
    }
    let channels = sources.reduce(0) { $0 + $1.channels }
    let whole = try addPlain([1, channels] + first.extent, kind.tag(axes: first.extent.count))
    var byteOffset = 0
    for source in sources {
      slices[source.index] = (whole.index, byteOffset)
      byteOffset += dnnl_memory_desc_get_size(layouts[source.index])
    }
    return whole
  }

  /// Which value a value stands in, itself unless it is a slice, and how far from its beginning.
  func location(_ index: Int) -> (whole: Int, byteOffset: Int) {
    var location = (whole: index, byteOffset: 0)
    while let slice = slices[location.whole] {
      location = (slice.whole, location.byteOffset + slice.byteOffset)
    }
    return location
  }
}
