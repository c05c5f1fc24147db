import CDNNL

/// A oneDNN call that failed.
package struct ComputeError: Error, CustomStringConvertible {
  /// What was asked for, such as `create a convolution 32x96x1x1`.
  package let operation: String
  /// oneDNN's status code: 1 out of memory, 2 invalid arguments, 3 unimplemented.
  package let status: Int

  package var description: String { "cannot \(operation) (oneDNN status \(status))" }
}

/// The one way that a status takes: success, or a thrown `ComputeError`.
func check(_ status: dnnl_status_t, _ operation: @autoclosure () -> String) throws(ComputeError) {
  guard status == dnnl_success else {
    throw ComputeError(operation: operation(), status: Int(status.rawValue))
  }
}
