import Foundation
import TestSupport
import Testing

/// With little memory a run does what it should, or says in one line that it cannot.
@Suite struct LimitedMemoryTests {
  private let program: SummarizeProgram
  private let dog = URL(fileURLWithPath: SummarizeProgram.models).deletingLastPathComponent()
    .appendingPathComponent("assets/dog.jpg").path

  init() throws {
    program = try SummarizeProgram()
    try program.write([.first], "v.y4m")
  }

  /// Kilobytes of address space, from what the program's own libraries take.
  @Test(arguments: [200_000, 330_000, 400_000, 470_000, 650_000])
  func aRunEndsInALineOrAsItShould(limit: Int) async throws {
    for line in ["caption \(dog)", "label v.y4m", "summarize v.y4m --output out-\(limit)"] {
      let result = try await shell("ulimit -v \(limit); $narrate \(line) --threads 2", in: program.folder)
      let lines = result.errors.split(separator: "\n", omittingEmptySubsequences: false).dropLast().count
      #expect([0, 1, 65, 74].contains(result.status), "\(result)")
      #expect(lines == (result.status == 0 ? 0 : 1), "\(result)")
      if result.status != 0 { #expect(result.output.isEmpty) }
    }
    let left = try program.folder.contents.filter { $0.contains("part-") }
    let again = try await program.run(["v.y4m", "--output", "out-\(limit)", "--force"])
    #expect(again.status == 0)
    #expect(try left.allSatisfy { try !program.folder.contents.contains($0) })
  }

  /// OpenMP exits by itself where there is no room for a thread's stack.
  @Test func aLibraryThatEndsTheProcessIsOneLineToo() async throws {
    let result = try await shell(
      "export OMP_STACKSIZE=8G; ulimit -v 6000000; $narrate caption \(dog) --threads 2", in: program.folder)
    #expect(result.status == 74 && result.output.isEmpty)
    #expect(result.errors == "narrate: out of memory, which is limited to 6000000 kB (ulimit)\n")
  }

  /// Enough of it changes nothing, messages and statuses included.
  @Test func aLimitThatIsHighEnoughChangesNothing() async throws {
    for line in ["caption \(dog) none.jpg", "caption --top 0 a", "label \(dog)"] {
      let plain = try await shell("$narrate \(line)", in: program.folder)
      let limited = try await shell("ulimit -v 8000000; $narrate \(line)", in: program.folder)
      #expect(limited == plain)
    }
  }
}
