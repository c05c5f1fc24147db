import Tensors
import Testing

@Suite struct TensorTests {
  @Test func copiesAreIndependent() {
    let original = Tensor(shape: [2, 3], values: [1, 2, 3, 4, 5, 6])
    var copy = original
    copy.mutablePointer[4] = 50
    #expect(original.values == [1, 2, 3, 4, 5, 6])
    #expect(copy.values == [1, 2, 3, 4, 50, 6])
  }

  @Test func uniqueStorageIsWrittenInPlace() {
    var tensor = Tensor(shape: [8])
    let before = tensor.pointer
    tensor.mutablePointer[0] = 1
    #expect(tensor.pointer == before)
    #expect(Int(bitPattern: before) % 64 == 0)
  }

  @Test func equalityNeedsShapeAndValues() {
    let a = Tensor(shape: [2, 2], values: [1, 2, 3, 4])
    #expect(a == Tensor(shape: [2, 2], values: [1, 2, 3, 4]))
    #expect(a != Tensor(shape: [4], values: [1, 2, 3, 4]))
    #expect(a != Tensor(shape: [2, 2], values: [1, 2, 3, 5]))
    let nan = Tensor(shape: [1], values: [.nan])
    #expect(nan != nan)
  }

  @Test func normalNumbersHaveTheirMoments() {
    var random = Optional(RandomGenerator(seed: 5))
    let values = Tensor(shape: [100_000], normal: 0.5, using: &random).values.map(Double.init)
    let mean = values.reduce(0, +) / Double(values.count)
    let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)
    #expect(abs(mean) < 0.01)
    #expect(abs(variance.squareRoot() - 0.5) < 0.01)
  }
}

@Suite struct ArenaTests {
  @Test func steadyRoundsTakeNoNewMemory() {
    let arena = Arena()
    var first: UnsafeMutablePointer<Float>?
    for round in 0..<4 {
      arena.reset()
      let buffers = [300_000, 1, 700_000].map { arena.floats($0) }
      if round == 1 { first = buffers[0] }
      if round > 1 { #expect(buffers[0] == first) }
      for buffer in buffers { #expect(Int(bitPattern: buffer) % 64 == 0) }
      #expect(buffers[1] >= buffers[0] + 300_000 || buffers[1] < buffers[0])
    }
    #expect(arena.byteCount < 8_000_000)
  }

  @Test func zerosAreZeroEvenWhereMemoryWasUsed() {
    let arena = Arena()
    arena.floats(1000).update(repeating: 7, count: 1000)
    arena.reset()
    let zeros = arena.zeros(1000)
    #expect((0..<1000).allSatisfy { zeros[$0] == 0 })
  }
}
