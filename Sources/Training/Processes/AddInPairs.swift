/// Adds all parts to the first one, in pairs: 0 + 1, 2 + 3, …, then (0 + 1) + (2 + 3), and so on. A range of them that begins at a
/// multiple of its length, a power of two, is summed on the way: whoever sums such ranges apart, and then these in pairs, does the
/// same sums.
/// - Parameter add: adds the second to the first
func addInPairs<Part>(_ parts: [Part], _ add: (Part, Part) -> Void) {
  var distance = 1
  while distance < parts.count {
    for first in stride(from: 0, to: parts.count - distance, by: 2 * distance) {
      add(parts[first], parts[first + distance])
    }
    distance *= 2
  }
}
