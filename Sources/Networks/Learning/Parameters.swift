import Tensors

/// A value whose tensors are learned. Gradients and running means have the same type, so that one list of parameters serves
/// the update, clipping and saving.
package protocol Learned: Sendable {
  /// Every tensor with its name, in a fixed order. Gradients and running means of a value have its parameters.
  var parameters: [Parameter<Self>] { get }
}

/// The name of a tensor within a network, and the path to it.
package struct Parameter<Network> {
  package let name: String
  package let path: WritableKeyPath<Network, Tensor>

  package init(_ name: String, _ path: WritableKeyPath<Network, Tensor>) {
    self.name = name
    self.path = path
  }
}

extension Optional where Wrapped: Learned {
  /// The parameters of a part that a network may have; those of its gradients and running means are the same.
  package func parameters<Network>(
    of name: String?, at path: WritableKeyPath<Network, Wrapped?>
  ) -> [Parameter<Network>] {
    // Where this one is, so is that of every network with these parameters.
    map { $0.parameters(of: name, at: path.appending(path: \.self!)) } ?? []
  }
}

extension Learned {
  /// The parameters of this part within a larger network, names preceded by that of the part, if it has one.
  package func parameters<Network>(
    of name: String?, at path: WritableKeyPath<Network, Self>
  ) -> [Parameter<Network>] {
    parameters.map { Parameter((name.map { $0 + "." } ?? "") + $0.name, path.appending(path: $0.path)) }
  }

  /// Takes a tensor out, to be changed and put back. Changed where it is, one within an array would be copied: a key path into an
  /// array gets and sets.
  package mutating func take(_ path: WritableKeyPath<Self, Tensor>) -> Tensor {
    var tensor = Tensor(shape: [0])
    swap(&self[keyPath: path], &tensor)
    return tensor
  }

  /// The same shapes, all zero.
  package var zeros: Self {
    var copy = self
    for parameter in parameters {
      copy[keyPath: parameter.path] = Tensor(shape: self[keyPath: parameter.path].shape)
    }
    return copy
  }

  /// Sets every element.
  package mutating func fill(_ value: Float) {
    for parameter in parameters {
      var tensor = take(parameter.path)
      tensor.fill(value)
      self[keyPath: parameter.path] = tensor
    }
  }

  /// Adds another's values of the same shapes.
  package mutating func accumulate(_ other: Self) {
    for parameter in parameters {
      var tensor = take(parameter.path)
      let theirs = other[keyPath: parameter.path]
      add(theirs.pointer, to: tensor.mutablePointer, count: theirs.count)
      self[keyPath: parameter.path] = tensor
    }
  }

  /// Every element, tensor after tensor.
  package var values: [Float] {
    var values: [Float] = []
    values.reserveCapacity(parameters.reduce(0) { $0 + self[keyPath: $1.path].count })
    for parameter in parameters {
      let tensor = self[keyPath: parameter.path]
      values.append(contentsOf: UnsafeBufferPointer(start: tensor.pointer, count: tensor.count))
    }
    return values
  }

  /// Sets every element to what `values` of a network of the same shapes says.
  package mutating func set(_ values: [Float]) {
    each(values) { tensor, values in tensor.mutablePointer.update(from: values, count: tensor.count) }
  }

  /// Adds the `values` of a network of the same shapes.
  package mutating func accumulate(_ values: [Float]) {
    each(values) { tensor, values in add(values, to: tensor.mutablePointer, count: tensor.count) }
  }

  private mutating func each(_ values: [Float], _ body: (inout Tensor, UnsafePointer<Float>) -> Void) {
    values.withUnsafeBufferPointer { values in
      guard var rest = values.baseAddress else { return }
      let end = rest + values.count
      for parameter in parameters {
        var tensor = take(parameter.path)
        precondition(tensor.count <= end - rest, "a network of other shapes")
        body(&tensor, rest)
        rest += tensor.count
        self[keyPath: parameter.path] = tensor
      }
      precondition(rest == end, "a network of other shapes")
    }
  }

  /// The weights between these and others of the same shapes: at a share of 0 these, at 1 the others.
  package func interpolated(to other: Self, share: Float) -> Self {
    var result = self
    for parameter in parameters {
      var tensor = result.take(parameter.path)
      let (values, theirs) = (tensor.mutablePointer, other[keyPath: parameter.path].pointer)
      for index in 0..<tensor.count { values[index] += share * (theirs[index] - values[index]) }
      result[keyPath: parameter.path] = tensor
    }
    return result
  }
}
