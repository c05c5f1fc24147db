import Datasets
import Foundation
import Narration
import Tensors
import Testing

@Suite struct RandomGeneratorTests {
  /// The values of the authors' C programs, as the test of the Rust crate `rand_xoshiro` gives them.
  @Test func followsTheReference() {
    var mixer = SplitMix64(state: 1_477_776_061_723_855_037)
    #expect(
      (0..<5).map { _ in mixer.next() } == [
        1_985_237_415_132_408_290, 2_979_275_885_539_914_483, 13_511_426_838_097_143_398,
        8_488_337_342_461_049_707,
        15_141_737_807_933_549_159,
      ])
    var random = RandomGenerator(state: (1, 2, 3, 4))
    #expect(
      (0..<10).map { _ in random.next() } == [
        11520, 0, 1_509_978_240, 1_215_971_899_390_074_240, 1_216_172_134_540_287_360,
        607_988_272_756_665_600,
        16_172_922_978_634_559_625, 8_476_171_486_693_032_832, 10_595_114_339_597_558_777,
        2_904_607_092_377_533_576,
      ])
    var mixed = SplitMix64(state: 42)
    var seeded = RandomGenerator(seed: 42)
    var stated = RandomGenerator(state: (mixed.next(), mixed.next(), mixed.next(), mixed.next()))
    #expect((0..<4).map { _ in seeded.next() } == (0..<4).map { _ in stated.next() })
  }

  @Test func goesOnFromASavedState() throws {
    var random = RandomGenerator(seed: 7)
    for _ in 0..<100 { _ = random.next() }
    var saved = try JSONDecoder().decode(RandomGenerator.self, from: JSONEncoder().encode(random))
    #expect((0..<50).map { _ in saved.next() } == (0..<50).map { _ in random.next() })
  }

  @Test func paths() {
    let seeds: [RandomGenerator] = [
      RandomGenerator(seed: 1), RandomGenerator(seed: 1, path: 0), RandomGenerator(seed: 1, path: 1),
      RandomGenerator(seed: 1, path: 0, 0), RandomGenerator(seed: 1, path: 0, 1),
      RandomGenerator(seed: 1, path: 1, 0),
      RandomGenerator(seed: 2, path: 0), RandomGenerator(seed: 2, path: 1, 0),
      RandomGenerator(seed: 0, path: 1),
    ]
    for (i, one) in seeds.enumerated() { for other in seeds[..<i] { #expect(one != other) } }
    #expect(RandomGenerator(seed: 3, path: 4, 5) == RandomGenerator(seed: 3, path: 4, 5))
  }

  @Test func drawsEvenly() {
    var random = RandomGenerator(seed: 5)
    var counts = [Int](repeating: 0, count: 6)
    for _ in 0..<60000 { counts[random.integer(below: 6)] += 1 }
    #expect(counts.allSatisfy { abs($0 - 10000) < 400 })
    let floats = (0..<10000).map { _ in random.uniform() }
    #expect(floats.allSatisfy { $0 >= 0 && $0 < 1 })
    #expect(abs(floats.reduce(0, +) / 10000 - 0.5) < 0.02)
    var elements = Array(0..<100)
    random.shuffle(&elements)
    #expect(elements != Array(0..<100) && elements.sorted() == Array(0..<100))
  }
}
