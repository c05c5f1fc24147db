/// Weights that have become so large that what is calculated with them is no number.
package struct DivergedError: Error, CustomStringConvertible {
  package var description: String { "training has diverged: its loss is no number; lower the learning rate" }
}
