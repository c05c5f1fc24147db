import Foundation
import Models

/// The engines of a captioner: one that has all cores for a picture, and where several pictures are wanted at once, some that
/// have one core each. They are made when they are needed, and share what they can.
///
/// `@unchecked Sendable`: the lock is held wherever a variable is touched, and an engine is lent to one thread at a time.
final class CaptionEngines: @unchecked Sendable {
  private let whole: CaptionEngine
  private let threads: Int
  private let lock = NSLock()
  private var isWholeLent = false
  private var lent = 0
  /// Of one core each, those that nobody uses.
  private var idle: [CaptionEngine] = []
  /// What the others of one core are copied from.
  private var firstSingle: CaptionEngine?

  /// What does not change: names, sizes, options that can be.
  let description: CaptionerModel

  init(_ folder: URL, threads: Int, precision: Precision) throws {
    self.threads = threads
    whole = try CaptionEngine(folder, threads: threads, compilers: threads, precision: precision)
    description = CaptionerModel(whole)
  }

  /// Pixels of the square that the encoder sees.
  var inputSize: Int { whole.inputSize }

  /// Lends an engine.
  /// - Parameter isAlone: whether nobody else waits for one
  func withEngine<Result>(isAlone: Bool, _ body: (CaptionEngine) throws -> Result) throws -> Result {
    let engine = try lock.withLock { try lend(isAlone: isAlone) }
    defer { lock.withLock { takeBack(engine) } }
    return try body(engine)
  }

  private func lend(isAlone: Bool) throws -> CaptionEngine {
    if !isWholeLent, threads == 1 || (isAlone && lent == 0) {
      (isWholeLent, lent) = (true, lent + 1)
      return whole
    }
    let engine = try idle.popLast() ?? single()
    lent += 1
    return engine
  }

  private func takeBack(_ engine: CaptionEngine) {
    lent -= 1
    if engine === whole { isWholeLent = false } else { idle.append(engine) }
  }

  private func single() throws -> CaptionEngine {
    if let firstSingle { return try firstSingle.copy() }
    let made = try whole.recompiled(threads: 1, compilers: threads)
    firstSingle = made
    return made
  }
}
