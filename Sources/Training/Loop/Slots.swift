/// Values that several workers write, each its own places.
///
/// `@unchecked Sendable`: no place is written by two, and all are read after the last worker has ended.
final class Slots<Element>: @unchecked Sendable {
  private let slots: UnsafeMutableBufferPointer<Element>

  init(repeating element: Element, count: Int) {
    slots = .allocate(capacity: count)
    slots.initialize(repeating: element)
  }

  subscript(index: Int) -> Element {
    get { slots[index] }
    set { slots[index] = newValue }
  }

  deinit {
    slots.deinitialize()
    slots.deallocate()
  }
}
