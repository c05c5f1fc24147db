/// How bright a color is to the eye: the luma of ITU-R BT.601, in the colors' unit.
@inlinable
package func luma(_ red: Float, _ green: Float, _ blue: Float) -> Float {
  0.299 * red + 0.587 * green + 0.114 * blue
}
