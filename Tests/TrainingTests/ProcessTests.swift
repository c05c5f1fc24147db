import Foundation
import Models
import Networks
import Tensors
import Testing
import Training

/// The processes of a group as threads of this one.
private final class ThreadLinks: ProcessLinks {
  /// What was sent and not yet received, by sender and receiver.
  final class Post: @unchecked Sendable {
    private let condition = NSCondition()
    private var bytes: [[Int]: [UInt8]] = [:]

    func put(_ route: [Int], _ part: UnsafeRawBufferPointer) {
      condition.withLock {
        bytes[route, default: []] += part
        condition.broadcast()
      }
    }

    /// - Returns: false where there is too little within a moment.
    func take(_ route: [Int], _ part: UnsafeMutableRawBufferPointer) -> Bool {
      condition.withLock {
        while bytes[route, default: []].count < part.count {
          if !condition.wait(until: Date(timeIntervalSinceNow: 0.01)) { return false }
        }
        part.copyBytes(from: bytes[route, default: []].prefix(part.count))
        bytes[route, default: []].removeFirst(part.count)
        return true
      }
    }
  }

  let (rank, count): (Int, Int)
  private let post: Post

  init(_ rank: Int, of count: Int, _ post: Post) { (self.rank, self.count, self.post) = (rank, count, post) }

  func send(_ bytes: UnsafeRawBufferPointer, to rank: Int) { post.put([self.rank, rank], bytes) }

  func receive(
    _ bytes: UnsafeMutableRawBufferPointer, from rank: Int, check: () throws -> Void
  ) throws {
    while !post.take([rank, self.rank], bytes) { try check() }
  }

  func close() {}
}

/// Does the same in so many processes that are threads.
/// - Throws: what the first does.
func together(_ count: Int, _ work: @escaping @Sendable (ProcessGroup) throws -> Void) throws {
  let post = ThreadLinks.Post()
  let ended = DispatchGroup()
  for rank in 1..<count {
    ended.enter()
    Thread.detachNewThread {
      // A follower's failure is the leader's.
      do {
        let ending: Void? = try ProcessGroup(ThreadLinks(rank, of: count, post)) {}.run(work)
        #expect(ending == nil)
      } catch {
        Issue.record("process \(rank) throws \(error)")
      }
      ended.leave()
    }
  }
  defer { #expect(ended.wait(timeout: .now() + 100) == .success) }
  _ = try ProcessGroup(ThreadLinks(0, of: count, post)) {}.run(work)
}

extension Laboratory: @unchecked Sendable {}

@Suite struct ProcessTests {
  private let laboratory: Laboratory

  init() throws {
    laboratory = try Laboratory()
    laboratory.settings.optimization.imagesPerBatch = 3
    laboratory.settings.optimization.epochs = 2
    laboratory.settings.fineTuning.epochs = 1
    laboratory.settings.fineTuning.blocks = 2
    laboratory.settings.selfCritical.epochs = 1
  }

  /// All stages, pictures and clips: the checkpoint and the model are those of one process.
  @Test func twoTrainACaptionerAsOneDoes() throws {
    try laboratory.addClips()
    let sets = ["data", "clips"]
    try laboratory.train("one", on: sets)
    try together(2) { [laboratory] in try laboratory.train("two", on: sets, processes: $0) }
    #expect(try laboratory.state("one") == laboratory.state("two"))
    let models = try ["one", "two"].map { try CaptionModel(contentsOf: laboratory.output($0)).weightsDigest }
    #expect(models[0] == models[1])
  }

  /// Broken off in each stage, and gone on with by another number of processes.
  @Test(arguments: [(1, 1), (3, 1), (4, 2)])
  func aRunThatWasBrokenOffGoesOn(epoch: Int, batch: Int) throws {
    try laboratory.train("whole")
    #expect(throws: Stop.self) {
      try together(2) { [laboratory] in
        try laboratory.train("broken", processes: $0) { event in
          if case .step(epoch, batch, _, _, _) = event { throw Stop() }
        }
      }
    }
    try laboratory.train("broken", resuming: true)
    #expect(try laboratory.state("whole") == laboratory.state("broken"))
    try laboratory.train("again")
    #expect(try laboratory.state("whole") == laboratory.state("again"))
  }

  /// The picture that one process cannot read ends the run, which says so, and goes on when it is there again.
  @Test func whatOneProcessCannotDoIsToldByTheFirst() throws {
    laboratory.settings.optimization.epochs = 0
    try laboratory.train("whole")
    let broken = laboratory.output("data/images/3.png")
    let bytes = try Data(contentsOf: broken)
    #expect {
      try together(2) { [laboratory] processes in
        try laboratory.train("broken", processes: processes) { event in
          if case .step(1, 1, _, _, _) = event { try Data().write(to: broken) }
        }
      }
    } throws: {
      print($0)
      return true
    }
    try bytes.write(to: broken)
    try laboratory.train("broken", resuming: true)
    #expect(try laboratory.state("whole") == laboratory.state("broken"))
  }

  @Test func allTrainTheSame() throws {
    let other = try Laboratory()
    other.settings = laboratory.settings
    other.settings.seed = 5
    #expect {
      try together(2) { [laboratory] processes in
        try (processes.isLeader ? laboratory : other).train("run", processes: processes)
      }
    } throws: {
      "\($0)" == "process 1: its data, settings or encoder are not those of process 0"
    }
    #expect {
      try together(2) { [laboratory] processes in
        try laboratory.train("run", on: [processes.isLeader ? "data" : "none"], processes: processes)
      }
    } throws: {
      ($0 as? ProcessFailure)?.rank == 1 && "\($0)".hasPrefix("process 1: ") && "\($0)".contains("none")
    }
    // The first one's own failure is not hidden by the others' waiting.
    #expect {
      try together(3) { [laboratory] processes in
        try laboratory.train("run", on: [processes.isLeader ? "none" : "data"], processes: processes)
      }
    } throws: { "\($0)".contains("none") && !($0 is ProcessFailure) }
  }
}
