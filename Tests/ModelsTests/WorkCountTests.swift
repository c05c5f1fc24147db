import Models
import Testing

@Suite struct WorkCountTests {
  @Test func theMedianIsThatOfEachFigure() {
    let works = [(1, 50), (900, 10), (3, 20), (2, 30), (4, 40)].map {
      WorkCount(operations: $0.0, bytes: $0.1)
    }
    #expect(WorkCount(medianOf: works) == WorkCount(operations: 3, bytes: 30))
    #expect(WorkCount(medianOf: []) == WorkCount())
  }
}
