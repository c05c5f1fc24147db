import Files
import Foundation
import Networks

/// How the processes of a group reach one another. What one sends to another arrives whole and in order.
package protocol ProcessLinks: AnyObject {
  /// This process, counted from 0.
  var rank: Int { get }
  /// All of them.
  var count: Int { get }
  /// May wait until it is received.
  func send(_ bytes: UnsafeRawBufferPointer, to rank: Int)
  /// Waits for as many bytes as there is room for.
  /// - Parameter check: called now and then; may throw to stop.
  func receive(_ bytes: UnsafeMutableRawBufferPointer, from rank: Int, check: () throws -> Void) throws
  /// The last call.
  func close()
}

/// Processes that train one network together, on one machine or several (synchronous data-parallel training; Goyal et al. 2017).
///
/// Each computes the gradients of some of the shards of every batch. The first one, the leader, makes the steps, validates and
/// writes; it hands the weights to the followers before each step, so that they differ nowhere. Weights go down, and gradients up, a
/// binomial tree: the parent of a process has its number without the lowest bit. Sums are thus taken in pairs, in an order that is
/// fixed, and where shards and processes are powers of two it is that of a single process (see `addInPairs`): then the weights are
/// the same bit for bit, else within rounding.
package final class ProcessGroup {
  private let links: (any ProcessLinks)?
  private let check: () throws -> Void
  /// Whether the leader has said that it is over.
  private var isOver = false
  /// Whether this follower has said what it trains.
  private var hasReported = false

  package var rank: Int { links?.rank ?? 0 }
  package var count: Int { links?.count ?? 1 }
  package var isLeader: Bool { rank == 0 }

  /// A process by itself.
  package static var alone: ProcessGroup { ProcessGroup(nil) {} }

  /// - Parameter check: called now and then while one waits; may throw to stop.
  package init(_ links: (any ProcessLinks)?, check: @escaping () throws -> Void) {
    (self.links, self.check) = (links, check)
  }

  /// Does a run's work in all processes that `mpirun` started with this one, or in this one alone. What ends a follower is told to
  /// the leader, whose error it becomes; followers themselves end in silence, and not before the leader.
  /// - Throws: `ProcessError` where there are others and Open MPI is not installed.
  package static func together<Output>(
    _ environment: [String: String] = ProcessInfo.processInfo.environment, check: @escaping () throws -> Void,
    _ work: (ProcessGroup) throws -> Output
  ) throws -> Output? {
    let links = try MPI.hasStarted(environment) ? MPI() : nil
    return try ProcessGroup(links, check: check).run(work)
  }

  /// See `together`.
  package func run<Output>(_ work: (ProcessGroup) throws -> Output) throws -> Output? {
    guard let links else { return try work(self) }
    guard isLeader else {
      do {
        _ = try work(self)
        try follow(failing: nil)
      } catch {
        try follow(failing: error)
      }
      links.close()
      return nil
    }
    defer {
      for child in children { send(Order.end, [], to: child) }
      links.close()
    }
    return try work(self)
  }

  /// The shards of this process, of those of a batch.
  /// - Throws: `ProcessError` where a process would have none.
  func share(of shards: Int) throws(ProcessError) -> Range<Int> {
    guard shards >= count else { throw .tooFewShards(shards, processes: count) }
    return rank * shards / count..<(rank + 1) * shards / count
  }

  private var parent: Int { rank & (rank - 1) }

  private var children: [Int] {
    let bound = isLeader ? count : rank & -rank
    return sequence(first: 1) { $0 * 2 }.prefix { $0 < bound && rank + $0 < count }.map { rank + $0 }
  }
}

/// What the leader asks for.
private enum Order: Codable, Equatable {
  case begin(TrainingProgress)
  /// With the weights.
  case step(TrainingProgress)
  case end
}

/// What a follower says: of what it trains, and of a step, with the gradient.
private struct Answer: Codable {
  /// What prevented it, and in which process.
  var failure: String?
  var failed: Int?
  var run: String?
  /// Whole, as figures that are no numbers are not JSON's.
  var sumBits: UInt64 = 0
  var rewardBits: UInt64 = 0
  var count = 0
  var captions = 0

  init() {}

  init(_ loss: BatchLoss) {
    (sumBits, rewardBits) = (loss.sum.bitPattern, loss.reward.bitPattern)
    (count, captions) = (loss.count, loss.captions)
  }

  init(_ failure: ProcessFailure) { (self.failure, failed) = (failure.reason, failure.rank) }

  var loss: BatchLoss {
    BatchLoss(
      sum: Double(bitPattern: sumBits), count: count, captions: captions,
      reward: Double(bitPattern: rewardBits))
  }
}

extension ProcessGroup {
  /// Trains: the leader by `leading`, the others by doing what it says until it is over.
  /// - Parameters:
  ///   - digest: names the data and the settings, which must be the same everywhere
  ///   - begin: prepares for another stage
  ///   - step: computes the loss and the gradient of the process's shards with the weights given
  /// - Throws: what `leading` throws; of followers nothing, but what `check` throws.
  func train<Network: Learned>(
    _ digest: String, leading: () throws -> Void, begin: (TrainingProgress) throws -> Void = { _ in },
    step: (TrainingProgress, [Float]) throws -> (BatchLoss, Network)
  ) throws {
    guard !isLeader else {
      try meet(digest)
      return try leading()
    }
    var report = Answer()
    report.run = digest
    send(report, [], to: 0)
    hasReported = true
    try follow(begin, step)
  }

  /// The same, with a single stage.
  func train<Task: TrainingTask>(
    _ digest: String, _ task: Task, _ network: Task.Network, leading: () throws -> Void
  ) throws {
    var network = network
    try train(digest, leading: leading) { progress, weights in
      network.set(weights)
      return (try task.step(network, at: progress), task.gradient)
    }
  }

  /// Hears of every follower what it trains.
  private func meet(_ digest: String) throws {
    let answers = try (1..<max(count, 1)).map { try receive(Answer.self, from: $0).0 }
    for (index, answer) in answers.enumerated() {
      if let failure = answer.failure { throw ProcessFailure(rank: index + 1, reason: failure) }
      guard answer.run == digest else { throw ProcessError.otherRun(index + 1) }
    }
  }

  /// Asks the followers to prepare for a stage.
  func begin(_ progress: TrainingProgress) {
    for child in children { send(Order.begin(progress), [], to: child) }
  }

  /// A step's loss and gradient, summed over all processes.
  /// - Parameter own: computes those of this process's shards
  func step<Network: Learned>(
    _ network: Network, at progress: TrainingProgress, _ own: () throws -> (BatchLoss, Network)
  ) throws -> (BatchLoss, Network) {
    guard count > 1 else { return try own() }
    let values = network.values
    for child in children { send(Order.step(progress), values, to: child) }
    return try sum(Result(catching: own)).get()
  }

  /// The children's sums are taken in any case, as they wait for that.
  private func sum<Network: Learned>(
    _ own: Result<(BatchLoss, Network), any Error>
  ) throws -> Result<(BatchLoss, Network), any Error> {
    let answers = try children.map { try receive(Answer.self, from: $0) }
    return Result {
      var (loss, gradient) = try own.get()
      for (child, (answer, values)) in zip(children, answers) {
        if let reason = answer.failure {
          throw ProcessFailure(rank: answer.failed ?? child, reason: reason)
        }
        loss += answer.loss
        gradient.accumulate(values)
      }
      return (loss, gradient)
    }
  }

  private func follow<Network: Learned>(
    _ begin: (TrainingProgress) throws -> Void,
    _ step: (TrainingProgress, [Float]) throws -> (BatchLoss, Network)
  ) throws {
    var obstacle: (any Error)?
    while true {
      let (order, values) = try receive(Order.self, from: parent)
      for child in children { send(order, values, to: child) }
      switch order {
      case .end:
        isOver = true
        return
      case .begin(let progress):
        do { try begin(progress) } catch { obstacle = error }
      case .step(let progress):
        let own = Result {
          if let obstacle { throw obstacle }
          try check()
          return try step(progress, values)
        }
        switch try sum(own) {
        case .success(let (loss, gradient)): send(Answer(loss), gradient.values, to: parent)
        case .failure(let error):
          let failure = error as? ProcessFailure ?? ProcessFailure(rank: rank, reason: "\(error)")
          send(Answer(failure), [], to: parent)
        }
      }
    }
  }

  /// Waits for the end, and says what has happened where it is asked.
  private func follow(failing error: (any Error)?) throws {
    guard !isOver else { return }
    struct Done: Error, CustomStringConvertible {
      var description: String { "has ended before the first process" }
    }
    let error = error ?? Done()
    if !hasReported {
      send(Answer(ProcessFailure(rank: rank, reason: "\(error)")), [], to: 0)
      hasReported = true
    }
    try follow({ _ in }, { (_, _) -> (BatchLoss, NoNetwork) in throw error })
  }

  /// What has no tensors.
  private struct NoNetwork: Learned {
    var parameters: [Parameter<NoNetwork>] { [] }
  }
}

// MARK: Messages

extension ProcessGroup {
  /// The lengths of what follows in bytes: JSON, and values.
  private typealias Header = (Int, Int)

  private func send(_ message: some Encodable, _ values: [Float], to rank: Int) {
    guard let links, let text = try? JSON.encoded(message, .line) else {
      preconditionFailure("a message that is not JSON, or nobody to send it to")
    }
    withUnsafeBytes(of: (text.count, values.count * MemoryLayout<Float>.stride) as Header) {
      links.send($0, to: rank)
    }
    text.withUnsafeBytes { links.send($0, to: rank) }
    values.withUnsafeBytes { links.send($0, to: rank) }
  }

  private func receive<Message: Decodable>(
    _ type: Message.Type, from rank: Int
  ) throws -> (Message, [Float]) {
    guard let links else { preconditionFailure("nobody to hear from") }
    var header: Header = (0, 0)
    try withUnsafeMutableBytes(of: &header) { try links.receive($0, from: rank, check: check) }
    var text = [UInt8](repeating: 0, count: header.0)
    try text.withUnsafeMutableBytes { try links.receive($0, from: rank, check: check) }
    var values = [Float](repeating: 0, count: header.1 / MemoryLayout<Float>.stride)
    try values.withUnsafeMutableBytes { try links.receive($0, from: rank, check: check) }
    return (try JSONDecoder().decode(Message.self, from: Data(text)), values)
  }
}
