import ArgumentParser
import Compute
import Files

/// One of several equal parts of all inputs. Which part a file is of is told by its bytes, so that processes that know nothing of
/// each other do each file once.
package struct Shard: ExpressibleByArgument, Sendable {
  /// From 0.
  private let index: Int
  private let count: Int

  /// - Parameter argument: `I/N`, from 1/N to N/N
  package init?(argument: String) {
    let parts = argument.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2, parts.allSatisfy({ $0.allSatisfy(\.isASCII) && $0.first?.isNumber == true }),
      let number = Int(parts[0]), let count = Int(parts[1]), (1...1_000_000).contains(count),
      (1...count).contains(number)
    else { return nil }
    (index, self.count) = (number - 1, count)
  }

  package func has(_ key: ContentKey) -> Bool { key.part(of: count) == index }

  /// By its name alone: of what cannot be read.
  package func has(_ path: GivenPath) -> Bool { has(ContentKey(path.bytes)) }

  /// Those of its part.
  /// - Parameter threads: that read files side by side
  package func part(of inputs: [Input], threads: Int) -> [Input] {
    let isMine = parallelMap(inputs, threads: threads) { input in
      // A pipe's writer would take the opening for that of its reader.
      guard input.failure == nil, (try? input.path.location.stat())?.type == .regular,
        let key = try? ContentKey(contentsOf: input.path)
      else {
        return has(input.path)
      }
      return has(key)
    }
    return zip(inputs, isMine).filter(\.1).map(\.0)
  }
}
